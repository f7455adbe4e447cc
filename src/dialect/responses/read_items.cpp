// One function for each type of item and of content, and their tables.
#include "dialect/responses/read_items.hpp"

#include <array>

#include "dialect/detail/json_writer.hpp"
#include "dialect/detail/media_address.hpp"
#include "dialect/detail/thought_mark.hpp"
#include "dialect/openai_chat/read_message.hpp"
#include "dialect/responses/read_tools.hpp"

namespace flotte::dialect::responses {
namespace {

using detail::Elements;
using detail::member;
using detail::Value;
using llm::Part;

Part read_image(const Value& value, const Place& place, Ledger& ledger) {
  llm::Image image;
  image.media = detail::read_address(member(value, "image_url").text(), Place(place, "image_url"), ledger);
  image.media.file_id = member(value, "file_id").text();
  image.detail = member(value, "detail").text();
  if (image.media.url.empty() && image.media.base64.empty() && image.media.file_id.empty())
    ledger.wrong(place, "has neither image_url nor file_id");
  return {std::move(image), {}, {}};
}

Part read_file(const Value& value, const Place& place, Ledger& ledger) {
  llm::Document document;
  if (std::string data = member(value, "file_data").text(); data.starts_with("data:")) {
    document.media = detail::read_address(std::move(data), Place(place, "file_data"), ledger);
  } else if (!data.empty()) {
    document.media.base64 = std::move(data);
    document.media.media_type = "application/pdf";
  } else {
    document.media.url = member(value, "file_url").text();
  }
  document.media.file_id = member(value, "file_id").text();
  document.media.name = member(value, "filename").text();
  if (document.media.base64.empty() && document.media.url.empty() && document.media.file_id.empty())
    ledger.wrong(place, "has neither file_data, file_url nor file_id");
  return {std::move(document), {}, {}};
}

void read_part(const Value& value, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  const std::string type = member(value, "type").text();
  Part part;
  if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text") {
    part.value = llm::Text{member(value, "text").text()};
    const Value annotations = member(value, "annotations");
    if (annotations.is_array() && !annotations.empty_array()) ledger.meet(Feature::citations, Place(place, "annotations"));
  } else if (type == "refusal") {
    part.value = llm::Refusal{member(value, "refusal").text()};
  } else if (type == "input_image") {
    part = read_image(value, place, ledger);
  } else if (type == "input_file") {
    part = read_file(value, place, ledger);
  } else if (type == "input_audio") {
    return void(ledger.meet(Feature::audio, place));
  } else {
    return ledger.wrong(place, "is content of a type that cannot be translated");
  }
  parts.push_back(std::move(part));
}

std::vector<Part> read_content(const Value& content, const Place& place, Ledger& ledger) {
  std::vector<Part> parts;
  if (content.is_string()) parts.push_back({llm::Text{content.text()}, {}, {}});
  if (!content.is_string() && !content.is_array() && !content.is_null()) ledger.wrong(place, "is neither text nor an array");
  for (Elements e(content); e.next();) read_part(e, Place(place, e.index()), parts, ledger);
  return parts;
}

std::string joined(const Value& texts) {
  std::string out;
  for (Elements e(texts); e.next();) {
    if (e.index() > 0) out += "\n\n";
    out += member(e, "text").text();
  }
  return out;
}

void attach_signature(const std::string& call_id, const std::string& signature, std::vector<Part>& parts) {
  for (Part& part : parts)
    if (const auto* call = part.as<llm::ToolCall>(); call && call->id == call_id) part.signature = signature;
}

void read_reasoning(const Value& item, const Place&, std::vector<Part>& parts, Ledger&) {
  const std::string token = member(item, "encrypted_content").text();
  if (auto sealed = detail::unseal_thought(token)) {
    if (!sealed->call_id.empty()) return attach_signature(sealed->call_id, sealed->thought.signature, parts);
    parts.push_back({std::move(sealed->thought), {}, {}});
    return;
  }
  llm::Reasoning thought;
  thought.text = joined(member(item, "summary"));
  if (thought.text.empty()) thought.text = joined(member(item, "content"));
  if (!token.empty()) (thought.text.empty() ? thought.encrypted : thought.signature) = mark_encrypted(member(item, "id").text(), token);
  if (!thought.text.empty() || !token.empty()) parts.push_back({std::move(thought), {}, {}});
}

void read_call(const Value& item, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  llm::ToolCall call;
  call.id = member(item, "call_id").text();
  call.name = flat_name(member(item, "namespace").text(), member(item, "name").text());
  const Value arguments = member(item, "arguments");
  openai_chat::set_arguments(call, arguments.is_object() ? std::string(arguments.raw) : arguments.text());
  if (member(item, "name").text().empty()) ledger.wrong(Place(place, "name"), "is missing");
  parts.push_back({std::move(call), {}, {}});
}

void read_custom_call(const Value& item, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  llm::ToolCall call;
  call.id = member(item, "call_id").text();
  call.name = flat_name(member(item, "namespace").text(), member(item, "name").text());
  call.arguments.text = wrap_input(member(item, "input").text());
  if (member(item, "name").text().empty()) ledger.wrong(Place(place, "name"), "is missing");
  parts.push_back({std::move(call), {}, {}});
}

bool by_client(const Value& item) { return member(item, "execution").text() == "client"; }

void read_search_call(const Value& item, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  if (!by_client(item)) return void(ledger.meet(Feature::tool_other, place));
  llm::ToolCall call;
  call.id = member(item, "call_id").text();
  call.name = tool_search;
  const Value arguments = member(item, "arguments");
  openai_chat::set_arguments(call, arguments.is_object() ? std::string(arguments.raw) : arguments.text());
  parts.push_back({std::move(call), {}, {}});
}

void read_message_parts(const Value& item, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  for (Part& part : read_content(member(item, "content"), Place(place, "content"), ledger)) parts.push_back(std::move(part));
}

struct ItemType {
  std::string_view type;
  void (*read)(const Value&, const Place&, std::vector<Part>&, Ledger&);
};
/// What a model writes.
constexpr std::array output_types{
    ItemType{"message", read_message_parts},        ItemType{"function_call", read_call},  ItemType{"custom_tool_call", read_custom_call},
    ItemType{"tool_search_call", read_search_call}, ItemType{"reasoning", read_reasoning},
};

std::string type_of(const Value& item) {
  std::string type = member(item, "type").text();
  if (!type.empty()) return type;
  return member(item, "role").is_string() ? "message" : member(item, "id").is_string() ? "item_reference" : "";
}

llm::Role read_role(const Value& item, const Place& place, Ledger& ledger) {
  const std::string role = member(item, "role").text();
  if (role == "system") return llm::Role::system;
  if (role == "developer") return llm::Role::developer;
  if (role == "assistant") return llm::Role::assistant;
  if (role != "user") ledger.wrong(Place(place, "role"), "is not user, assistant, system or developer");
  return llm::Role::user;
}

/// The message that parts of this role go on, which of a user or a system is always a new one.
llm::Message& message_of(llm::Role role, llm::Request& request) {
  const bool grows = role == llm::Role::assistant || role == llm::Role::tool;
  if (!grows || request.messages.empty() || request.messages.back().role != role) request.messages.push_back({role, {}, {}});
  return request.messages.back();
}

void read_result(const Value& item, const Place& place, llm::Request& request, Ledger& ledger) {
  llm::ToolResult result;
  result.call_id = member(item, "call_id").text();
  result.parts = read_content(member(item, "output"), Place(place, "output"), ledger);
  if (result.call_id.empty()) ledger.wrong(Place(place, "call_id"), "is missing");
  message_of(llm::Role::tool, request).parts.push_back({std::move(result), {}, {}});
}

/// What the client found: the model is told the names, and the tools themselves stand with the others.
void read_found_tools(const Value& item, const Place& place, llm::Request& request, Ledger& ledger) {
  if (!by_client(item)) return void(ledger.meet(Feature::tool_other, place));
  llm::Request found;
  read_tools(member(item, "tools"), Place(place, "tools"), found, ledger);
  std::string text = found.tools.empty() ? "No tool was found." : "These tools can be called now:";
  for (const llm::Tool& tool : found.tools) text.append("\n").append(tool.name);
  llm::ToolResult result;
  result.call_id = member(item, "call_id").text();
  result.parts.push_back({llm::Text{std::move(text)}, {}, {}});
  if (result.call_id.empty()) ledger.wrong(Place(place, "call_id"), "is missing");
  message_of(llm::Role::tool, request).parts.push_back({std::move(result), {}, {}});
  read_later_tools(member(item, "tools"), Place(place, "tools"), request, ledger);
}

void read_item(const Value& item, const Place& place, llm::Request& request, Ledger& ledger) {
  const std::string type = type_of(item);
  if (type == "message") {
    llm::Message& message = message_of(read_role(item, place, ledger), request);
    if (const Value phase = member(item, "phase"); phase.is_string()) ledger.meet(Feature::unknown_field, Place(place, "phase"));
    return read_message_parts(item, place, message.parts, ledger);
  }
  if (type == "function_call_output" || type == "custom_tool_call_output") return read_result(item, place, request, ledger);
  if (type == "tool_search_output") return read_found_tools(item, place, request, ledger);
  if (type == "additional_tools") return read_later_tools(member(item, "tools"), Place(place, "tools"), request, ledger);
  if (type == "item_reference" || type.starts_with("compaction")) return void(ledger.meet(Feature::earlier_response, place));
  if (type.empty()) return ledger.wrong(place, "has neither a type nor a role");
  std::vector<Part>& parts = message_of(llm::Role::assistant, request).parts;
  if (!read_output_item(item, place, parts, ledger)) ledger.meet(Feature::tool_other, place);
}

}  // namespace

void read_input(const Value& input, llm::Request& request, Ledger& ledger) {
  const Place here("input");
  if (input.is_string()) return request.messages.push_back({llm::Role::user, {{llm::Text{input.text()}, {}, {}}}, {}});
  if (!input.is_array()) return ledger.wrong(here, "is neither text nor an array of items");
  for (Elements e(input); e.next();) read_item(e, Place(here, e.index()), request, ledger);
  std::erase_if(request.messages, [](const llm::Message& m) { return m.role == llm::Role::assistant && m.parts.empty(); });
}

bool read_output_item(const Value& item, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  const std::string type = type_of(item);
  for (const ItemType& row : output_types) {
    if (row.type != type) continue;
    row.read(item, place, parts, ledger);
    return true;
  }
  return false;
}

std::string mark_encrypted(std::string_view id, std::string_view encrypted) {
  return detail::mark_thought(detail::openai_maker, std::string(id).append(":").append(encrypted));
}

std::string wrap_input(std::string_view input) {
  std::string out;
  detail::JsonWriter(out).open('{').pair("input", input).close('}');
  return out;
}

std::string unwrap_input(std::string_view arguments) {
  const auto value = detail::parse_value(arguments);
  if (!value || !value->is_object()) return std::string(arguments);
  const Value input = member(*value, "input");
  return input.is_string() ? input.text() : std::string(arguments);
}

}  // namespace flotte::dialect::responses
