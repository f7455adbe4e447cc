// Tools and the choice among them. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::responses {

/// The search among tools that the client does itself, which is shown to models as a function.
inline constexpr std::string_view tool_search = "tool_search";

/// Appends the tools of a list to the request: functions, those of a namespace under one flat name each, tools of free text as functions
/// with one text `input`.
void read_tools(const detail::Value& list, const Place& place, llm::Request& request, Ledger& ledger);
/// The same for tools that come within the conversation, as often as it is sent: those that are known already are not added again.
void read_later_tools(const detail::Value& list, const Place& place, llm::Request& request, Ledger& ledger);
void read_tool_choice(const detail::Value& value, llm::Request& request, Ledger& ledger);
/// Once all tools are known: those that an `allowed_tools` choice leaves out are taken away.
void keep_allowed_tools(const detail::Value& choice, llm::Request& request);

/// What a function of a namespace is called where there are no namespaces.
std::string flat_name(std::string_view name_space, std::string_view name);

/// A flat name taken apart again by the tools that the client has sent.
struct ToolName {
  std::string name, name_space;
  bool search = false;  // it is `tool_search`
};
/// `tools`: the client's list, or null.
ToolName tool_name_of(const detail::Value& tools, std::string_view flat);

}  // namespace flotte::dialect::responses
