// Tools and the choice among them. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::responses {

/// Appends the tools of a list to the request: functions, those of a namespace under one flat name each, tools of free text as functions
/// with one text `input`.
void read_tools(const detail::Value& list, const Place& place, llm::Request& request, Ledger& ledger);
void read_tool_choice(const detail::Value& value, llm::Request& request, Ledger& ledger);
/// Once all tools are known: those that an `allowed_tools` choice leaves out are taken away. Refuses a choice of a tool that is not there.
void keep_allowed_tools(const detail::Value& choice, llm::Request& request, Ledger& ledger);

/// What a function of a namespace is called where there are no namespaces.
std::string flat_name(std::string_view name_space, std::string_view name);

/// A flat name taken apart again by the tools that the client has sent.
struct ToolName {
  std::string name, name_space;
};
/// `tools`: the client's list, or null.
ToolName tool_name_of(const detail::Value& tools, std::string_view flat);

}  // namespace flotte::dialect::responses
