// What the gateway must know of a chat request before it passes it on.
#include "dialect/scan.hpp"

namespace flotte::dialect {
namespace {

constexpr std::string_view whole_member = ",\"stream_options\":{\"include_usage\":true}";
constexpr std::string_view whole_value = "{\"include_usage\":true}";
constexpr std::string_view only_member = "\"include_usage\":true";
constexpr std::string_view first_member = "\"include_usage\":true,";

bool means(const Member& member, std::string_view name) { return member.escaped ? decode_string(member.key) == name : member.key == name; }

/// The edit inside `stream_options`, whose value is `options`.
std::optional<Replacement> edit_options(std::string_view body, const Member& options) {
  if (options.kind == Kind::null) return Replacement{options.value, whole_value};
  if (options.kind != Kind::object) return std::nullopt;
  const std::size_t base = options.value.begin;
  Members members(options.value.of(body));
  Member member, found;
  int count = 0, matches = 0;
  while (members.next(member)) {
    ++count;
    if (!means(member, "include_usage")) continue;
    if (member.escaped) return std::nullopt;
    found = member;
    ++matches;
  }
  if (matches > 1) return std::nullopt;
  if (matches == 1) {
    if (found.kind != Kind::null) return std::nullopt;  // said by the client, whichever way
    return Replacement{{base + found.value.begin, base + found.value.end}, "true"};
  }
  return Replacement{{base + 1, base + 1}, count == 0 ? only_member : first_member};
}

Failure wrong_model(const char* what) { return fail(Code::invalid_argument, what, "send one plain \"model\" with the name of a model"); }

}  // namespace

Result<ChatRequest> scan_chat_request(std::string_view body) {
  ChatRequest request;
  Members members(body);
  Member member, options;
  int models = 0, streams = 0, option_members = 0;
  bool doubtful = false, model_is_string = false;
  while (members.next(member)) {
    if (means(member, "model")) {
      if (member.escaped) return wrong_model("the member \"model\" is written with an escape");
      if (++models > 1) return wrong_model("the request has two members \"model\"");
      request.model_value = member.value;
      model_is_string = member.kind == Kind::string;
    } else if (means(member, "stream")) {
      doubtful |= member.escaped || ++streams > 1;
      request.stream = member.value.of(body) == "true";
      request.stream_said = member.kind == Kind::boolean;
    } else if (means(member, "stream_options")) {
      doubtful |= member.escaped || ++option_members > 1;
      options = member;
    }
  }
  if (!members.ok()) return Failure(members.error());
  if (models == 0) return wrong_model("the request has no \"model\"");
  if (!model_is_string) return wrong_model("\"model\" must be a string");
  const Range inside{request.model_value.begin + 1, request.model_value.end - 1};
  request.model = decode_string(inside.of(body));
  if (request.stream && !doubtful) {
    if (option_members == 0)
      request.usage_edit = Replacement{{members.close(), members.close()}, whole_member};
    else
      request.usage_edit = edit_options(body, options);
  }
  return request;
}

Result<void> scan_object(std::string_view body) {
  Members members(body);
  for (Member member; members.next(member);) {
  }
  if (!members.ok()) return Failure(members.error());
  return {};
}

}  // namespace flotte::dialect
