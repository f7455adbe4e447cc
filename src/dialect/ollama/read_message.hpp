// One message of Ollama's chat, in requests and in answers. Internal to dialect.
#pragma once
#include "dialect/detail/fields.hpp"
#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::ollama {

/// `absent_role`: what a message without a role is; empty where it must have one.
llm::Message read_message(const detail::Value& message, const Place& place, Ledger& ledger, std::string_view absent_role = {});
/// The elements of `images`: base64, whose first bytes say what they are.
void read_images(const detail::Value& images, const Place& place, std::vector<llm::Part>& parts, Ledger& ledger);
/// An element of `tool_calls`. Its id may be missing.
llm::ToolCall read_call(const detail::Value& call, const Place& place, Ledger& ledger);

/// Gives each call without an id one that is the same whenever the conversation is sent again, and each result the id of its call: by its
/// id, else the first unanswered call of that name, else the first unanswered one. Some clients leave out the calls: then the message
/// before the results gets a call without arguments, and a note is kept.
void pair_by_name(llm::Request& request, Ledger& ledger);

}  // namespace flotte::dialect::ollama
