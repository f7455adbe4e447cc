// What can be played. Options of all: events, words of the answer (4); delay_ms; remaining and reset_ms, requests that are left of ten and
// when they begin anew; see each.
#include <array>

#include "scripted_provider.hpp"

namespace flotte::scripted {
namespace {

constexpr std::string_view words[] = {"Die", " Flotte", " läuft", " 日本語", " und", " sagt", " \\\"usage\\\"", " ok", "."};

std::string chunk(const Play& play, std::string_view delta, std::string_view finish = "null") {
  return fmt::format(
      "data: "
      "{{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion.chunk\",\"created\":1763712000,\"model\":{},\"system_fingerprint\":"
      "\"simulated\","
      "\"choices\":[{{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":{}}}]}}\n\n",
      play.log.number, json::dump(json::value(play.model())), delta, finish);
}

std::string usage(std::int64_t output) {
  return fmt::format(
      "{{\"prompt_tokens\":21,\"completion_tokens\":{},\"total_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":8}}}}", output,
      21 + output);
}

std::string usage_chunk(const Play& play, std::int64_t output) {
  return fmt::format(
      "data: "
      "{{\"id\":\"chatcmpl-{}\",\"object\":\"chat.completion.chunk\",\"created\":1763712000,\"model\":{},\"choices\":[],\"usage\":{}}}\n\n",
      play.log.number, json::dump(json::value(play.model())), usage(output));
}

std::string named(std::string_view name, std::string_view rest) {
  return fmt::format("event: {}\ndata: {{\"type\":\"{}\"{}{}}}\n\n", name, name, rest.empty() ? "" : ",", rest);
}

std::string message_usage(std::int64_t output) {
  return fmt::format(
      "{{\"input_tokens\":10,\"cache_creation_input_tokens\":3,\"cache_read_input_tokens\":8,\"output_tokens\":{},\"service_tier\":"
      "\"standard\"}}",
      output);
}

std::string response_usage(std::int64_t output) {
  return fmt::format(
      "{{\"input_tokens\":21,\"input_tokens_details\":{{\"cached_tokens\":8}},\"output_tokens\":{},\"output_tokens_details\":{{"
      "\"reasoning_tokens\":0}},\"total_tokens\":{}}}",
      output, 21 + output);
}

/// As Anthropic's API streams a message.
std::vector<std::string> message_events(const Play& play, std::int64_t count) {
  const std::string model = json::dump(json::value(play.model()));
  std::vector<std::string> list;
  list.push_back(
      named("message_start", fmt::format("\"message\":{{\"id\":\"msg_{}\",\"type\":\"message\",\"role\":\"assistant\",\"model\":{},"
                                         "\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{}}}",
                                         play.log.number, model, message_usage(1))));
  list.push_back(named("content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"));
  list.push_back(named("ping", ""));
  for (std::int64_t i = 0; i < count; ++i)
    list.push_back(named("content_block_delta", fmt::format("\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{}\"}}", word(i))));
  list.push_back(named("content_block_stop", "\"index\":0"));
  list.push_back(named("message_delta", fmt::format("\"delta\":{{\"stop_reason\":\"end_turn\",\"stop_sequence\":null}},\"usage\":{{"
                                                    "\"output_tokens\":{}}}",
                                                    count)));
  list.push_back(named("message_stop", ""));
  return list;
}

std::string response_json(const Play& play, std::string_view status, std::string_view text, std::string_view usage) {
  const std::string output = text.empty() ? std::string()
                                          : fmt::format(
                                                "{{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"role\":\"assistant\","
                                                "\"content\":[{{\"type\":\"output_text\",\"text\":\"{}\",\"annotations\":[]}}]}}",
                                                text);
  return fmt::format(
      "{{\"id\":\"resp_{}\",\"object\":\"response\",\"created_at\":1763712000,\"status\":\"{}\",\"error\":null,\"model\":{},\"output\":[{}]"
      ","
      "\"usage\":{}}}",
      play.log.number, status, json::dump(json::value(play.model())), output, usage);
}

/// As OpenAI's API streams a response.
std::vector<std::string> response_events(const Play& play, std::int64_t count) {
  std::vector<std::string> list;
  const auto add = [&list](std::string_view name, const std::string& rest) {
    list.push_back(named(name, fmt::format("\"sequence_number\":{},{}", list.size(), rest)));
  };
  const std::string begun = "\"response\":" + response_json(play, "in_progress", "", "null");
  const std::string at = "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,";
  std::string text;
  add("response.created", begun);
  add("response.in_progress", begun);
  add("response.output_item.added",
      "\"output_index\":0,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"in_progress\",\"role\":\"assistant\",\"content\":[]"
      "}");
  add("response.content_part.added", at + "\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}");
  for (std::int64_t i = 0; i < count; ++i) {
    text += word(i);
    add("response.output_text.delta", at + "\"delta\":\"" + word(i) + "\"");
  }
  add("response.output_text.done", at + "\"text\":\"" + text + "\"");
  add("response.content_part.done", at + "\"part\":{\"type\":\"output_text\",\"text\":\"" + text + "\",\"annotations\":[]}");
  add("response.output_item.done",
      "\"output_index\":0,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"role\":"
      "\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"" +
          text + "\",\"annotations\":[]}]}");
  add("response.completed", "\"response\":" + response_json(play, "completed", text, response_usage(count)));
  return list;
}

/// The events of an ordinary stream, one string each.
std::vector<std::string> events(const Play& play) {
  const std::int64_t count = play.scenario.number("events", 4);
  if (play.form == Form::messages) return message_events(play, count);
  if (play.form == Form::responses) return response_events(play, count);
  if (play.form == Form::gemini || play.form == Form::ollama) return native_events(play, count);
  std::vector<std::string> list{chunk(play, "{\"role\":\"assistant\",\"content\":\"\"}")};
  for (std::int64_t i = 0; i < count; ++i) list.push_back(chunk(play, fmt::format("{{\"content\":\"{}\"}}", word(i))));
  list.push_back(chunk(play, "{}", "\"stop\""));
  if (play.wants_usage()) list.push_back(usage_chunk(play, count));
  list.emplace_back("data: [DONE]\n\n");
  return list;
}

std::string whole(const Play& play, std::string_view content_json, std::int64_t output) {
  const std::string model = json::dump(json::value(play.model()));
  if (play.form == Form::count_tokens) return "{\"input_tokens\": 21}";
  if (play.form == Form::embeddings)
    return fmt::format(
        "{{\"object\":\"list\",\"data\":[{{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.25,-1.5e-3]}}],\"model\":{},\"usage\":{{"
        "\"prompt_tokens\":21,\"total_tokens\":21}}}}",
        model);
  if (play.form == Form::messages)
    return fmt::format(
        "{{\"id\": \"msg_{}\", \"type\": \"message\", \"role\": \"assistant\", \"model\": {}, \"content\": "
        "[{{\"type\":\"text\",\"text\":{}}}], "
        "\"stop_reason\": \"end_turn\", \"stop_sequence\": null, \"usage\": {}}}",
        play.log.number, model, content_json, message_usage(output));
  if (play.form == Form::gemini || play.form == Form::ollama) return native_answer(play, content_json, output);
  if (play.form == Form::responses)
    return response_json(play, "completed", content_json.substr(1, content_json.size() - 2), response_usage(output));
  return fmt::format(
      "{{\n  \"id\": \"chatcmpl-{}\",\n  \"object\": \"chat.completion\",\n  \"created\": 1763712000,\n  \"model\": {},\n  \"choices\": [ "
      "{{ \"index\": 0, "
      "\"message\": {{\"role\":\"assistant\",\"content\":{}}}, \"finish_reason\": \"stop\" }} ],\n  \"usage\": {}\n}}\n",
      play.log.number, json::dump(json::value(play.model())), content_json, usage(output));
}

/// As OpenAI tells how much of a limit is left.
void add_quota(const Play& play, http::Headers& headers) {
  const std::int64_t remaining = play.scenario.number("remaining", -1);
  if (remaining < 0) return;
  headers.add("x-ratelimit-limit-requests", "10");
  headers.add("x-ratelimit-remaining-requests", fmt::format("{}", remaining));
  headers.add("x-ratelimit-reset-requests", fmt::format("{}ms", play.scenario.number("reset_ms", 1'000)));
}

Awaitable<void> respond(Play& play, int status, std::string_view type, std::string body, std::string_view name = {},
                        std::string_view value = {}) {
  http::ResponseHead head;
  head.status = status;
  head.headers.add("Content-Type", type);
  head.headers.add("x-simulated", "scripted provider");
  head.headers.add("x-request-id", fmt::format("sim-{}", play.log.number));
  if (!name.empty()) head.headers.add(name, value);
  add_quota(play, head.headers);
  play.log.sent = body;
  (void)co_await play.call.respond(std::move(head), body);
}

Awaitable<void> respond_error(Play& play, int status, std::string_view name = {}, std::string_view value = {}) {
  std::string body =
      fmt::format("{{\"error\": {{\"message\": \"simulated {}\", \"type\": \"simulated\", \"param\": null, \"code\": \"simulated_{}\"}}}}",
                  status, status);
  co_await respond(play, status, "application/json", std::move(body), name, value);
}

Awaitable<void> begin_stream(Play& play) {
  http::ResponseHead head;
  head.headers.add("Content-Type", play.form == Form::ollama ? "application/x-ndjson"
                                   : play.array()            ? "application/json; charset=UTF-8"
                                                             : "text/event-stream; charset=utf-8");
  head.headers.add("x-simulated", "scripted provider");
  add_quota(play, head.headers);
  (void)co_await play.call.start(std::move(head));
}

Awaitable<void> send_all(ScriptedProvider& provider, Play& play, std::vector<std::string> list) {
  for (const std::string& event : list) {
    const bool sent = co_await provider.send(play, event);
    if (!sent) co_return;
  }
  (void)co_await play.call.finish();
}

Awaitable<void> normal(ScriptedProvider& provider, Play& play) {
  if (!play.stream()) {
    std::string text;
    const std::int64_t count = play.scenario.number("events", 4);
    for (std::int64_t i = 0; i < count; ++i) text += word(i);
    std::string body = whole(play, "\"" + text + "\"", count);
    co_await respond(play, 200, "application/json", std::move(body));
    co_return;
  }
  co_await begin_stream(play);
  std::vector<std::string> list = events(play);
  co_await send_all(provider, play, std::move(list));
}

/// A whole answer, whatever was asked for.
Awaitable<void> only_whole(ScriptedProvider&, Play& play) {
  std::string text;
  for (std::int64_t i = 0; i < 4; ++i) text += word(i);
  std::string body = whole(play, "\"" + text + "\"", 4);
  co_await respond(play, 200, "application/json", std::move(body));
}

/// A stream, whatever was asked for.
Awaitable<void> only_streamed(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  std::vector<std::string> list = events(play);
  co_await send_all(provider, play, std::move(list));
}

/// The text of the last message, as one event.
Awaitable<void> echo(ScriptedProvider& provider, Play& play) {
  std::string content = "\"\"";
  if (const json::array* messages = json::get_array(play.request, "messages"); messages && !messages->empty())
    if (const json::object* last = messages->back().if_object())
      if (const auto it = last->find("content"); it != last->end()) content = json::dump(it->value());
  if (!play.stream()) {
    std::string body = whole(play, content, 1);
    co_await respond(play, 200, "application/json", std::move(body));
    co_return;
  }
  co_await begin_stream(play);
  std::vector<std::string> list = events(play);
  list[1] = chunk(play, "{\"content\":" + content + "}");
  list.erase(list.begin() + 2, list.begin() + 1 + play.scenario.number("events", 4));
  co_await send_all(provider, play, std::move(list));
}

/// Nothing at all for delay_ms (1000), then as `normal`.
Awaitable<void> slow(ScriptedProvider& provider, Play& play) {
  const bool here = co_await provider.pause(play, play.scenario.number("delay_ms", 1000));
  if (here) co_await normal(provider, play);
}

/// The head and a comment, nothing for delay_ms (1000), then the events.
Awaitable<void> silent(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  const bool sent = co_await provider.send(play, ": thinking\n\n");
  if (!sent) co_return;
  const bool here = co_await provider.pause(play, play.scenario.number("delay_ms", 1000));
  if (!here) co_return;
  std::vector<std::string> list = events(play);
  co_await send_all(provider, play, std::move(list));
}

/// delay_ms (100) between events; with half=1 each event comes in two halves.
Awaitable<void> gaps(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  const bool half = play.scenario.number("half", 0) != 0;
  for (const std::string& event : events(play)) {
    const std::size_t cut = half ? event.size() / 2 : 0;
    if (half) {
      const bool sent = co_await provider.send(play, std::string_view(event).substr(0, cut));
      if (!sent) co_return;
    }
    const bool here = co_await provider.pause(play, play.scenario.number("delay_ms", 100));
    if (!here) co_return;
    const bool sent = co_await provider.send(play, std::string_view(event).substr(cut));
    if (!sent) co_return;
  }
  (void)co_await play.call.finish();
}

/// Event n+1 only after POST /control/ack {"n": n}; the first is number 1.
Awaitable<void> step(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  std::int64_t n = 0;
  const std::vector<std::string> list = events(play);
  for (const std::string& event : list) {
    const bool sent = co_await provider.send(play, event);
    if (!sent) co_return;
    const bool here = co_await provider.acknowledged(play, ++n);
    if (!here) co_return;
  }
  (void)co_await play.call.finish();
}

/// The connection ends after `after` (2) events; after=0: before the first. Whole answers end in their middle.
Awaitable<void> cut(ScriptedProvider& provider, Play& play) {
  if (!play.stream()) {
    http::ResponseHead head;
    head.headers.add("Content-Type", "application/json");
    head.headers.add("Content-Length", "500");
    (void)co_await play.call.start(std::move(head));
    (void)co_await provider.send(play, "{\"choices\":[{\"message\":{\"content\":\"half an ans");
    play.call.abort();
    co_return;
  }
  co_await begin_stream(play);
  (void)co_await play.call.flush();
  const std::vector<std::string> list = events(play);
  for (std::int64_t i = 0; i < play.scenario.number("after", 2); ++i) {
    const bool sent = co_await provider.send(play, list[static_cast<std::size_t>(i)]);
    if (!sent) co_return;
  }
  play.call.abort();
}

/// A clean end of the connection's body without a reason to finish and without [DONE].
Awaitable<void> no_end(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  std::vector<std::string> list = events(play);
  list.resize(3);
  co_await send_all(provider, play, std::move(list));
}

/// A whole answer of which only [DONE] is missing.
Awaitable<void> no_done(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  std::vector<std::string> list = events(play);
  list.pop_back();
  co_await send_all(provider, play, std::move(list));
}

/// 200, and then an error: as the first thing, or delay_ms (0) after `after` events.
Awaitable<void> error_inside(ScriptedProvider& provider, Play& play) {
  const std::string error = "{\"error\":{\"message\":\"simulated overload\",\"type\":\"overloaded\",\"code\":503}}";
  if (!play.stream()) {
    co_await respond(play, 200, "application/json", error);
    co_return;
  }
  co_await begin_stream(play);
  std::vector<std::string> list = events(play);
  list.resize(static_cast<std::size_t>(play.scenario.number("after", 0)));
  if (play.form == Form::messages)
    list.push_back(named("error", "\"error\":{\"type\":\"overloaded_error\",\"message\":\"simulated overload\"}"));
  else if (play.form == Form::responses)
    list.push_back(
        named("error", "\"sequence_number\":0,\"code\":\"server_is_overloaded\",\"message\":\"simulated overload\",\"param\":null"));
  else if (play.form == Form::ollama)
    list.push_back("{\"error\":\"simulated overload\"}\n");
  else if (play.array())
    list.push_back((list.empty() ? "[" : ",\r\n") + error + "]");
  else
    list.push_back("data: " + error + "\n\n");
  const std::string last = std::move(list.back());
  list.pop_back();
  for (const std::string& event : list) {
    const bool sent = co_await provider.send(play, event);
    if (!sent) co_return;
  }
  if (const std::int64_t delay = play.scenario.number("delay_ms", 0); delay > 0) {
    const bool here = co_await provider.pause(play, delay);
    if (!here) co_return;
  }
  (void)co_await provider.send(play, last);
  (void)co_await play.call.finish();
}

/// 429 with Retry-After of `seconds` (7); seconds=-1: without.
Awaitable<void> rate_limited(ScriptedProvider&, Play& play) {
  const std::int64_t seconds = play.scenario.number("seconds", 7);
  const std::string value = fmt::format("{}", seconds);
  co_await respond_error(play, 429, seconds < 0 ? "" : "Retry-After", value);
}

/// The ways in which providers say "later": `as` names one of the table.
Awaitable<void> later(ScriptedProvider&, Play& play) {
  struct Way {
    std::string_view as;
    int status;
    std::string_view header, value, body;
  };
  static constexpr Way ways[] = {
      {"spend", 429, "", "",
       R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota",)"
       R"("param":null,"code":"insufficient_quota"}})"},
      {"credit", 400, "", "",
       R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}})"},
      {"gemini", 429, "", "",
       R"({"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":)"
       R"([{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"}]}})"},
      {"codex", 429, "", "",
       R"({"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","resets_in_seconds":120}})"},
      {"openai", 429, "x-ratelimit-reset-tokens", "1m30s", R"({"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}})"},
      {"anthropic", 429, "anthropic-ratelimit-unified-reset", "4102444800",
       R"({"type":"error","error":{"type":"rate_limit_error","message":"too many"}})"},
      {"ms", 429, "retry-after-ms", "2500", R"({"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}})"},
      {"overloaded", 529, "Retry-After", "9", R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"},
      {"inside", 200, "", "", R"({"error":{"message":"Rate limit reached. Please try again in 20s.","code":"rate_limit_exceeded"}})"}};
  const auto as = play.scenario.options.find("as");
  const Way* way =
      std::find_if(std::begin(ways), std::end(ways), [&](const Way& w) { return as != play.scenario.options.end() && w.as == as->second; });
  if (way == std::end(ways)) way = std::begin(ways);
  std::string body(way->body);
  co_await respond(play, way->status, "application/json", std::move(body), way->header, way->value);
}

Awaitable<void> status(ScriptedProvider&, Play& play) {
  co_await respond_error(play, static_cast<int>(play.scenario.number("status", 500)));
}

Awaitable<void> garbage(ScriptedProvider&, Play& play) {
  if (play.stream())
    co_await respond(play, 200, "text/event-stream", "\x01\x02 no event at all");
  else
    co_await respond(play, 200, "application/json", "{\"choices\": [ this is not JSON");
}

Awaitable<void> html(ScriptedProvider&, Play& play) {
  co_await respond(play, static_cast<int>(play.scenario.number("status", 200)), "text/html",
                   "<html><body>Please log in to the network</body></html>");
}

/// One byte at a time, with the line ends of `ends` (lf, crlf, cr).
Awaitable<void> bytes(ScriptedProvider& provider, Play& play) {
  std::string all;
  for (const std::string& event : events(play)) all += event;
  const auto ends = play.scenario.options.find("ends");
  const std::string end = ends == play.scenario.options.end() || ends->second == "lf" ? "\n" : ends->second == "cr" ? "\r" : "\r\n";
  for (std::size_t at = 0; (at = all.find('\n', at)) != std::string::npos; at += end.size()) all.replace(at, 1, end);
  co_await begin_stream(play);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool sent = co_await provider.send(play, std::string_view(all).substr(i, 1));
    if (!sent) co_return;
  }
  (void)co_await play.call.finish();
}

/// An event every delay_ms (10) until the client leaves.
Awaitable<void> forever(ScriptedProvider& provider, Play& play) {
  co_await begin_stream(play);
  for (std::int64_t i = 0;; ++i) {
    const std::string event = chunk(play, fmt::format("{{\"content\":\"{}\"}}", word(i)));
    const bool sent = co_await provider.send(play, event);
    if (!sent) co_return;
    const bool here = co_await provider.pause(play, play.scenario.number("delay_ms", 10));
    if (!here) co_return;
  }
}

/// A whole answer of `bytes` (1000000) bytes of text.
Awaitable<void> large(ScriptedProvider&, Play& play) {
  std::string body = whole(play, "\"" + std::string(static_cast<std::size_t>(play.scenario.number("bytes", 1'000'000)), 'x') + "\"", 1);
  co_await respond(play, 200, "application/json", std::move(body));
}

struct Named {
  std::string_view name;
  Script script;
};
constexpr std::array table{
    Named{"normal", normal},
    Named{"whole", only_whole},
    Named{"streamed", only_streamed},
    Named{"echo", echo},
    Named{"slow", slow},
    Named{"silent", silent},
    Named{"gaps", gaps},
    Named{"step", step},
    Named{"cut", cut},
    Named{"no_end", no_end},
    Named{"no_done", no_done},
    Named{"error_inside", error_inside},
    Named{"rate_limited", rate_limited},
    Named{"later", later},
    Named{"status", status},
    Named{"garbage", garbage},
    Named{"html", html},
    Named{"bytes", bytes},
    Named{"forever", forever},
    Named{"large", large},
};

}  // namespace

std::string word(std::int64_t n) { return std::string(words[static_cast<std::size_t>(n) % std::size(words)]); }

Script find_script(std::string_view name) {
  for (const Named& entry : table)
    if (entry.name == name) return entry.script;
  return nullptr;
}

std::vector<std::string_view> script_names() {
  std::vector<std::string_view> names;
  for (const Named& entry : table) names.push_back(entry.name);
  return names;
}

}  // namespace flotte::scripted
