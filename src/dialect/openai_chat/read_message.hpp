// One message of OpenAI chat completions, in requests and in answers. Internal to dialect.
#pragma once
#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::openai_chat {

/// `absent_role`: what a message without a role is; empty where it must have one.
llm::Message read_message(const detail::Value& message, const Place& place, Ledger& ledger, std::string_view absent_role = {});
/// What Mistral's thinking models wrote: {"type":"thinking","thinking":[{"type":"text","text":...}]}; a text is taken as it is.
std::string thought_of(const detail::Value& part);
/// The argument text of a call: a JSON object, or what a model wrote instead. Empty text is an empty object.
void set_arguments(llm::ToolCall& call, std::string text);

}  // namespace flotte::dialect::openai_chat
