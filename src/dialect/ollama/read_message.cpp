// Content, thought, pictures, calls and results.
#include "dialect/ollama/read_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dialect/detail/media_type.hpp"
#include "dialect/openai_chat/read_message.hpp"

namespace flotte::dialect::ollama {
namespace {

using detail::Elements;
using detail::Fields;
using detail::member;
using detail::Value;
using llm::Part;

struct Signature {
  std::string_view begin, media_type;
};
/// The first bytes of picture files, in base64.
constexpr std::array signatures{
    Signature{"iVBORw0KGg", "image/png"}, Signature{"/9j/", "image/jpeg"},      Signature{"R0lGOD", "image/gif"},
    Signature{"UklGR", "image/webp"},     Signature{"Qk", "image/bmp"},         Signature{"SUkq", "image/tiff"},
    Signature{"TU0A", "image/tiff"},      Signature{"PHN2Zy", "image/svg+xml"},
};

std::string_view sniff(std::string_view base64) {
  for (const Signature& s : signatures)
    if (base64.starts_with(s.begin)) return s.media_type;
  return "application/octet-stream";
}

/// Ollama's form is bare base64; some clients write a data: URL.
llm::Media read_picture(std::string text) {
  llm::Media media;
  constexpr std::string_view mark = ";base64,";
  const std::size_t comma = text.starts_with("data:") ? text.find(mark) : std::string::npos;
  if (comma != std::string::npos) {
    media.media_type = text.substr(5, comma - 5);
    text.erase(0, comma + mark.size());
  }
  if (!detail::is_media_type(media.media_type)) media.media_type = sniff(text);
  media.base64 = std::move(text);
  return media;
}

llm::Role read_role(const std::string& role, const Place& place, Ledger& ledger) {
  if (role == "system") return llm::Role::system;
  if (role == "assistant") return llm::Role::assistant;
  if (role == "tool") return llm::Role::tool;
  if (role != "user") ledger.wrong(Place(place, "role"), "is not system, user, assistant or tool");
  return llm::Role::user;
}

struct Collected {
  std::vector<Part> images, calls;
  std::string role, content, thinking, tool_name, call_id;
};

void read_field(const Fields& f, const Place& place, Collected& into, Ledger& ledger) {
  const Place here(place, f.key());
  if (f.is_null()) return;
  if (f.is("role"))
    into.role = f.text();
  else if (f.is("content"))
    f.is_string() ? void(into.content = f.text()) : ledger.wrong(here, "is not text");
  else if (f.is("thinking"))
    into.thinking = f.text();
  else if (f.is("images"))
    read_images(f, here, into.images, ledger);
  else if (f.is("tool_calls"))
    for (Elements e(f); e.next();)
      into.calls.push_back({read_call(e, Place(here, e.index()), ledger),
                            {},
                            member(member(member(e, "extra_content"), "google"), "thought_signature").text()});
  else if (f.is("tool_name"))
    into.tool_name = f.text();
  else if (f.is("tool_call_id"))
    into.call_id = f.text();
  else
    ledger.meet(Feature::unknown_field, here);
}

}  // namespace

void read_images(const Value& images, const Place& place, std::vector<Part>& parts, Ledger& ledger) {
  for (Elements e(images); e.next();) {
    std::string text = e.text();
    if (text.empty()) {
      ledger.wrong(Place(place, e.index()), "is not base64");
      continue;
    }
    parts.push_back({llm::Image{read_picture(std::move(text)), {}}, {}, {}});
  }
}

llm::ToolCall read_call(const Value& value, const Place& place, Ledger& ledger) {
  llm::ToolCall call;
  call.id = member(value, "id").text();
  const Value function = member(value, "function");
  call.name = member(function, "name").text();
  const Value arguments = member(function, "arguments");
  openai_chat::set_arguments(call, arguments.is_string() ? arguments.text() : arguments.is_null() ? "" : std::string(arguments.raw));
  if (call.name.empty()) ledger.wrong(place, "has no function.name");
  return call;
}

llm::Message read_message(const Value& value, const Place& place, Ledger& ledger, std::string_view absent_role) {
  Collected into;
  into.role = absent_role;
  for (Fields f(value); f.next();) read_field(f, place, into, ledger);
  llm::Message message;
  message.role = read_role(into.role, place, ledger);
  std::vector<Part> parts;
  if (!into.thinking.empty()) parts.push_back({llm::Reasoning{std::move(into.thinking), {}, {}}, {}, {}});
  const bool more = !into.images.empty() || !into.calls.empty();
  if (!into.content.empty() || !more) parts.push_back({llm::Text{std::move(into.content)}, {}, {}});
  for (auto* list : {&into.images, &into.calls})
    for (Part& part : *list) parts.push_back(std::move(part));
  if (message.role == llm::Role::tool) {
    llm::ToolResult result{.call_id = into.call_id, .name = into.tool_name, .parts = std::move(parts)};
    message.parts.push_back({std::move(result), {}, {}});
  } else {
    message.parts = std::move(parts);
  }
  return message;
}

namespace {

/// The calls of one turn of the assistant that no result has been found for yet.
class Unanswered {
 public:
  void add(const llm::ToolCall& call) { calls_.push_back({call.id, call.name}); }
  void clear() { calls_.clear(); }
  /// The id of the call that this is the result of; empty: there is none.
  std::string take(const llm::ToolResult& result) {
    auto found = calls_.begin();
    if (!result.call_id.empty())
      found = find([&](const Call& c) { return c.id == result.call_id; });
    else if (const auto named = find([&](const Call& c) { return c.name == result.name; }); named != calls_.end())
      found = named;
    if (found == calls_.end()) return result.call_id;
    std::string id = std::move(found->id);
    calls_.erase(found);
    return id;
  }

 private:
  struct Call {
    std::string id, name;
  };
  template <class Matches>
  std::vector<Call>::iterator find(Matches matches) {
    return std::find_if(calls_.begin(), calls_.end(), matches);
  }
  std::vector<Call> calls_;
};

/// A new call of that tool in the assistant's message before the results that `at` is among; it is made where there is none. Its id.
std::string call_before(llm::Request& request, std::size_t& at, std::string tool) {
  std::size_t before = at;
  while (before > 0 && request.messages[before - 1].role == llm::Role::tool) --before;
  if (before == 0 || request.messages[before - 1].role != llm::Role::assistant) {
    request.messages.insert(request.messages.begin() + static_cast<std::ptrdiff_t>(before), llm::Message{llm::Role::assistant, {}, {}});
    ++before;
    ++at;
  }
  llm::Message& assistant = request.messages[before - 1];
  std::erase_if(assistant.parts, [](const Part& part) { return part.as<llm::Text>() && part.as<llm::Text>()->text.empty(); });
  if (tool.empty()) tool = request.tools.size() == 1 ? request.tools.front().name : "tool";
  llm::ToolCall call{.id = fmt::format("call_{}_{}", before - 1, assistant.parts.size()), .name = tool, .arguments = {"{}"}, .broken = {}};
  std::string id = call.id;
  assistant.parts.push_back({std::move(call), {}, {}});
  return id;
}

}  // namespace

void pair_by_name(llm::Request& request, Ledger& ledger) {
  const Place messages("messages");
  Unanswered unanswered;
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    if (request.messages[i].role == llm::Role::assistant) unanswered.clear();
    std::size_t calls = 0;
    for (std::size_t p = 0; p < request.messages[i].parts.size(); ++p) {
      Part& part = request.messages[i].parts[p];
      if (auto* call = std::get_if<llm::ToolCall>(&part.value)) {
        if (call->id.empty()) call->id = fmt::format("call_{}_{}", i, calls);
        ++calls;
        unanswered.add(*call);
      } else if (const auto* result = part.as<llm::ToolResult>()) {
        std::string id = unanswered.take(*result);
        if (id.empty()) {
          ledger.meet(Feature::tool_result_alone, Place(messages, i));
          id = call_before(request, i, result->name);
        }
        std::get<llm::ToolResult>(request.messages[i].parts[p].value).call_id = std::move(id);
      }
    }
  }
}

}  // namespace flotte::dialect::ollama
