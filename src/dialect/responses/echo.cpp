// The members and their defaults. Source: OpenAI API reference, "The response object".
#include "dialect/responses/echo.hpp"

#include <array>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/json_writer.hpp"

namespace flotte::dialect::responses {
namespace {

struct Repeated {
  std::string_view name, absent;
};
constexpr std::array repeated{
    Repeated{"instructions", "null"},
    Repeated{"max_output_tokens", "null"},
    Repeated{"max_tool_calls", "null"},
    Repeated{"metadata", "{}"},
    Repeated{"parallel_tool_calls", "true"},
    Repeated{"prompt_cache_key", "null"},
    Repeated{"reasoning", R"({"effort":null,"summary":null})"},
    Repeated{"safety_identifier", "null"},
    Repeated{"temperature", "1"},
    Repeated{"text", R"({"format":{"type":"text"}})"},
    Repeated{"tool_choice", R"("auto")"},
    Repeated{"tools", "[]"},
    Repeated{"top_logprobs", "0"},
    Repeated{"top_p", "1"},
    Repeated{"truncation", R"("disabled")"},
    Repeated{"user", "null"},
};

void append_elements(std::string& list, const detail::Value& array) {
  for (detail::Elements e(array); e.next();) {
    if (!list.empty()) list += ',';
    list += e.raw;
  }
}

/// Those of the request and those that came within the conversation: answers are written by them.
std::string all_tools(std::string_view body) {
  const detail::Value whole{Kind::object, body};
  std::string list;
  append_elements(list, detail::member(whole, "tools"));
  for (detail::Elements e(detail::member(whole, "input")); e.next();) {
    const std::string type = detail::member(e, "type").text();
    if (type == "additional_tools" || type == "tool_search_output") append_elements(list, detail::member(e, "tools"));
  }
  return "[" + list + "]";
}

}  // namespace

std::string make_echo(std::string_view body) {
  std::array<std::string_view, repeated.size()> found;
  for (detail::Fields f(body.empty() ? "{}" : body); f.next();)
    for (std::size_t i = 0; i < repeated.size(); ++i)
      if (f.is(repeated[i].name) && !f.is_null()) found[i] = f.raw;
  std::string tools;
  if (body.find("\"additional_tools\"") != std::string_view::npos || body.find("\"tool_search_output\"") != std::string_view::npos) {
    tools = all_tools(body);
    for (std::size_t i = 0; i < repeated.size(); ++i)
      if (repeated[i].name == "tools") found[i] = tools;
  }
  std::string out;
  detail::JsonWriter w(out);
  // Never true here, whatever was asked.
  w.key("background").boolean(false).key("previous_response_id").null().pair("service_tier", "default").key("store").boolean(false);
  for (std::size_t i = 0; i < repeated.size(); ++i) w.key(repeated[i].name).raw(found[i].empty() ? repeated[i].absent : found[i]);
  return out;
}

}  // namespace flotte::dialect::responses
