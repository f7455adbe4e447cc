// Content parts, tool calls, thinking.
#include "dialect/openai_chat/read_message.hpp"

#include "dialect/detail/media_address.hpp"
#include "dialect/detail/media_type.hpp"

namespace flotte::dialect::openai_chat {
namespace {

using detail::Elements;
using detail::Fields;
using detail::member;
using detail::read_address;
using detail::Value;
using llm::Part;

Part read_image(const Value& part, const Place& place, Ledger& ledger) {
  const Value image = member(part, "image_url");
  const Place here(place, "image_url");
  llm::Image out;
  out.media = read_address(image.is_string() ? image.text() : member(image, "url").text(), here, ledger);
  out.detail = member(image, "detail").text();
  if (out.media.url.empty() && out.media.base64.empty()) ledger.wrong(here, "has no url");
  return {std::move(out), {}};
}

Part read_file(const Value& part, const Place& place, Ledger& ledger) {
  const Value file = member(part, "file");
  llm::Document out;
  if (const std::string data = member(file, "file_data").text(); !data.empty()) {
    if (data.starts_with("data:")) {
      out.media = read_address(data, Place(place, "file"), ledger);
    } else {
      out.media.base64 = data;
      out.media.media_type = "application/pdf";
    }
  }
  out.media.file_id = member(file, "file_id").text();
  out.media.name = member(file, "filename").text();
  if (out.media.base64.empty() && out.media.url.empty() && out.media.file_id.empty())
    ledger.wrong(Place(place, "file"), "has no file_data");
  return {std::move(out), {}};
}

/// `format` is a word there, elsewhere a media type.
Part read_audio(const Value& part, const Place& place, Ledger& ledger) {
  const Value audio = member(part, "input_audio");
  const std::string format = member(audio, "format").text();
  llm::Audio out;
  out.media.base64 = member(audio, "data").text();
  out.media.media_type = "audio/" + (format.empty() ? std::string("wav") : format);
  if (out.media.base64.empty()) ledger.wrong(Place(place, "input_audio"), "has no data");
  if (!detail::is_media_type(out.media.media_type)) ledger.wrong(Place(place, "input_audio.format"), "is not wav, mp3 or another format");
  return {std::move(out), {}, {}};
}

/// Google's form: `extra_content` on a call or a message holds Gemini's signature.
std::string read_signature(const Value& extra_content) { return member(member(extra_content, "google"), "thought_signature").text(); }

void read_part(const Value& part, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  const std::string type = member(part, "type").text();
  Part out;
  if (type == "text" || type == "input_text" || type == "output_text")
    out.value = llm::Text{member(part, "text").text()};
  else if (type == "image_url")
    out = read_image(part, place, ledger);
  else if (type == "file")
    out = read_file(part, place, ledger);
  else if (type == "refusal")
    out.value = llm::Refusal{member(part, "refusal").text()};
  else if (type == "thinking")
    out.value = llm::Reasoning{thought_of(part), {}, {}};
  else if (type == "input_audio" && ledger.meet(Feature::audio, place))
    out = read_audio(part, place, ledger);
  else if (type == "input_audio")
    return;
  else
    return ledger.wrong(place, "is a part of a type that cannot be translated");
  // Not OpenAI's own, but what clients write for providers that need marks.
  if (const Value mark = member(part, "cache_control"); mark.is_object()) {
    ledger.meet(Feature::cache_marks, place);
    out.cache = llm::CacheMark{member(mark, "ttl").text()};
  }
  parts.push_back(std::move(out));
}

void read_tool_call(const Value& value, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  const std::string type = member(value, "type").text();
  if (!type.empty() && type != "function") return void(ledger.meet(Feature::tool_other, place));
  llm::ToolCall call;
  call.id = member(value, "id").text();
  const Value function = member(value, "function");
  call.name = member(function, "name").text();
  const Value arguments = member(function, "arguments");
  set_arguments(call, arguments.is_object() ? std::string(arguments.raw) : arguments.text());
  if (call.name.empty()) ledger.wrong(place, "has no function.name");
  parts.push_back({std::move(call), {}, read_signature(member(value, "extra_content"))});
}

/// `reasoning_details`: what this gateway and OpenRouter write so that signatures find their way back.
void read_details(const Value& details, std::vector<Part>& parts) {
  for (Elements e(details); e.next();) {
    llm::Reasoning reasoning;
    reasoning.text = member(e, "text").text();
    reasoning.signature = member(e, "signature").text();
    reasoning.encrypted = member(e, "data").text();
    if (!reasoning.signature.empty() || !reasoning.encrypted.empty()) parts.push_back({std::move(reasoning), {}});
  }
}

llm::Role read_role(const std::string& role, const Place& place, Ledger& ledger) {
  if (role == "system") return llm::Role::system;
  if (role == "developer") return llm::Role::developer;
  if (role == "assistant") return llm::Role::assistant;
  if (role == "tool") return llm::Role::tool;
  if (role == "function")
    ledger.meet(Feature::functions, place);
  else if (role != "user")
    ledger.wrong(Place(place, "role"), "is not system, developer, user, assistant or tool");
  return llm::Role::user;
}

struct Collected {
  std::vector<Part> thought, content, calls;
  std::string role, call_id, reasoning, signature;
};

void read_field(const Fields& f, const Place& place, llm::Message& message, Collected& into, Ledger& ledger) {
  const Place here(place, f.key());
  if (f.is("role"))
    into.role = f.text();
  else if (f.is("content") && f.is_string())
    into.content.push_back({llm::Text{f.text()}, {}});
  else if (f.is("content"))
    for (Elements e(f); e.next();) read_part(e, Place(here, e.index()), into.content, ledger);
  else if (f.is("tool_calls"))
    for (Elements e(f); e.next();) read_tool_call(e, Place(here, e.index()), into.calls, ledger);
  else if (f.is("tool_call_id"))
    into.call_id = f.text();
  else if (f.is("name"))
    message.name = f.text();
  else if (f.is("refusal") && f.is_string())
    into.content.push_back({llm::Refusal{f.text()}, {}});
  else if (f.is("reasoning_details"))
    read_details(f, into.thought);
  else if (f.is("reasoning_content") || f.is("reasoning"))
    into.reasoning = f.text();
  else if (f.is("function_call") && f.is_object())
    ledger.meet(Feature::functions, here);
  else if (f.is("extra_content"))
    into.signature = read_signature(f);
  else if (f.is("audio") && !f.is_null())
    ledger.meet(Feature::output_media, here);
  else if (f.is("annotations"))
    f.empty_array() || f.is_null() ? void() : void(ledger.meet(Feature::citations, here));
  else if (!f.is_null())
    ledger.meet(Feature::unknown_field, here);
}

}  // namespace

std::string thought_of(const Value& part) {
  const Value thinking = member(part, "thinking");
  std::string text = thinking.is_array() ? std::string() : thinking.text();
  for (Elements e(thinking); e.next();) text += member(e, "text").text();
  return text;
}

void set_arguments(llm::ToolCall& call, std::string text) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    call.arguments.text = "{}";
    return;
  }
  const auto value = detail::parse_value(text);
  if (value && value->is_object())
    call.arguments.text = value->raw;
  else
    call.broken = std::move(text);
}

llm::Message read_message(const Value& value, const Place& place, Ledger& ledger, std::string_view absent_role) {
  llm::Message message;
  Collected into;
  into.role = absent_role;
  for (Fields f(value); f.next();) read_field(f, place, message, into, ledger);
  message.role = read_role(into.role, place, ledger);
  if (message.role == llm::Role::tool) {
    message.name.clear();  // the tool's name, which the call has
    message.parts.push_back({llm::ToolResult{.call_id = into.call_id, .parts = std::move(into.content)}, {}});
    return message;
  }
  if (!into.signature.empty()) {
    if (into.content.empty()) into.content.push_back({llm::Text{}, {}, {}});
    into.content.back().signature = into.signature;
  }
  // Beside calls nothing is said by an empty text: some servers write "" where others write null.
  if (!into.calls.empty() && into.content.size() == 1 && into.content[0].signature.empty())
    if (const auto* text = into.content[0].as<llm::Text>(); text && text->text.empty()) into.content.clear();
  if (into.thought.empty() && !into.reasoning.empty()) into.thought.push_back({llm::Reasoning{into.reasoning, {}, {}}, {}});
  for (auto* list : {&into.thought, &into.content, &into.calls})
    for (Part& part : *list) message.parts.push_back(std::move(part));
  return message;
}

}  // namespace flotte::dialect::openai_chat
