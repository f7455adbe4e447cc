// Calls as they were: a list, one with both sides, and the same again.
#include "cli/command/requests.hpp"

#include "base/money.hpp"
#include "cli/batch/progress.hpp"
#include "cli/command/listing.hpp"
#include "cli/screen/local_time.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/table.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

using Align = Table::Align;

const json::object& object_of(const json::object& o, std::string_view key) {
  static const json::object none;
  const json::object* found = json::get_object(o, key);
  return found ? *found : none;
}

std::string text_or(const json::object& o, std::string_view key, std::string_view fallback) {
  const std::string text = json::string_or(o, key, "");
  return text.empty() ? std::string(fallback) : text;
}

std::string number(const json::object& o, std::string_view key) {
  const auto value = json::get_int(o, key);
  return value ? format_count(*value) : "-";
}

/// "0.8 ms", "1.25 s".
std::string duration(const json::object& o, std::string_view key) {
  const auto ms = json::get_number(o, key);
  if (!ms) return "-";
  return *ms < 10 ? fmt::format("{:.1f} ms", *ms) : *ms < 1'000 ? fmt::format("{:.0f} ms", *ms) : fmt::format("{:.2f} s", *ms / 1'000);
}

/// "2026-11-21 09:30:00.123".
std::string moment(const json::object& o) {
  const std::string at = json::string_or(o, "at", "");
  return at.size() < 23 ? "-" : local_time(at) + at.substr(19, 4);
}

std::string time_of_day(const json::object& o) {
  const std::string at = moment(o);
  return at.size() < 23 ? "-" : at.substr(11);
}

std::string status_of(const json::object& o) {
  if (json::string_or(o, "state", "") == "live") return "live";
  const auto status = json::get_int(o, "status");
  return status ? std::to_string(*status) : "-";
}

std::string cost_of(const json::object& usage) {
  const std::string cost = json::string_or(usage, "cost_usd", "");
  const auto exact = parse_usd(cost);
  return cost.empty() ? "-" : "$" + (exact ? round_usd(*exact) : cost);
}

std::string field(std::string_view name, const std::string& value) {
  return value.empty() ? "" : fmt::format("{:<10} {}\n", name, make_line(value));
}

std::string_view why_left(std::string_view why) {
  if (why == "asked_before") return "has failed in this call";
  if (why == "not_spoken") return "cannot speak what the client speaks";
  if (why == "broken") return "its breaker is open";
  if (why == "quota") return "has said to come later";
  if (why == "overloaded") return "has too much to do";
  if (why == "spend") return "its spend limit is reached";
  if (why == "no_room") return "its limits leave no room";
  return "the strategy prefers the other";
}

/// A head and a body, indented.
std::string side(std::string_view title, const json::object& message, int columns) {
  if (message.empty()) return {};
  std::string out = fmt::format("\n{}  {}\n", title, make_line(json::string_or(message, "line", "")));
  if (const json::array* headers = json::get_array(message, "headers"))
    for (const json::value& header : *headers)
      if (header.is_array() && header.get_array().size() == 2 && header.get_array()[0].is_string() && header.get_array()[1].is_string())
        out += fmt::format("    {}: {}\n", make_line(std::string(header.get_array()[0].get_string())),
                           make_line(std::string(header.get_array()[1].get_string())));
  const json::object& body = object_of(message, "body");
  const std::string size = number(body, "bytes") + " bytes";
  const auto text = json::get_string(body, "text");
  if (!text) return out + fmt::format("    ({}, not kept)\n", size);
  if (text->empty()) return out;
  out += "\n" + (columns > 0 ? make_harmless(*text) : std::string(*text));
  if (out.back() != '\n') out += '\n';
  if (json::get_bool(body, "cut").value_or(false)) out += fmt::format("    (the beginning of {})\n", size);
  return out;
}

std::string attempt(const json::object& o, std::size_t place, int columns) {
  const auto status = json::get_int(o, "status");
  std::string out = fmt::format("\nasked {}    {}  {}", place, make_line(json::string_or(o, "target", "?")),
                                status ? std::to_string(*status) : "no answer");
  out += fmt::format("  (asked at {}, answered at {}, over at {})\n", duration(o, "asked_ms"), duration(o, "answered_ms"),
                     duration(o, "ended_ms"));
  if (const std::string error = json::string_or(o, "error", ""); !error.empty()) out += fmt::format("    failed: {}\n", make_line(error));
  if (const json::array* left = json::get_array(o, "left"))
    for (const json::value& value : *left) {
      if (!value.is_object()) continue;
      const json::object& other = value.get_object();
      out += fmt::format("    not {}: {}", make_line(json::string_or(other, "target", "?")), why_left(json::string_or(other, "why", "")));
      if (json::get_int(other, "opens_in_ms")) out += fmt::format(", for another {}", duration(other, "opens_in_ms"));
      out += "\n";
    }
  return out + side("  sent", object_of(o, "request"), columns) + side("  got", object_of(o, "answer"), columns);
}

Awaitable<Result<int>> show(Session& session, std::string id) {
  const std::string path = client::make_path("requests", id);
  auto request = co_await session.fleet().get(path);
  if (!request) co_return pass(request);
  if (session.common().json())
    print_json(json::value(*request));
  else
    print(render_request(*request, output_columns()));
  co_return status::done;
}

Awaitable<Result<int>> replay(Session& session, std::string id) {
  const std::string path = client::make_path("requests", id, "replay");
  json::object nothing;
  auto answer = co_await session.fleet().post(path, std::move(nothing));
  if (!answer) co_return pass(answer);
  const auto got = json::int_or(*answer, "status", 0);
  if (session.common().json())
    print_json(json::value(*answer));
  else
    print(fmt::format("{}  {}\n", json::string_or(*answer, "id", "?"), got == 0 ? "no answer" : std::to_string(got)));
  co_return got >= 200 && got < 300 ? status::done : status::failed;
}

}  // namespace

std::string render_requests(const std::vector<json::object>& items, int columns) {
  Table table({{"REQUEST"},
               {"AT"},
               {"STATUS"},
               {"KEY"},
               {"MODEL"},
               {"ANSWERED BY"},
               {"TRY", Align::right},
               {"FIRST", Align::right},
               {"TOTAL", Align::right},
               {"IN", Align::right},
               {"OUT", Align::right},
               {"COST", Align::right}});
  for (const json::object& o : items) {
    const json::object& usage = object_of(o, "usage");
    table.add({text_or(o, "id", "-"), time_of_day(o), status_of(o), text_or(o, "key_name", "-"), text_or(o, "model", "-"),
               text_or(o, "target", "-") +
                   (json::string_or(o, "replay_of", "").empty() ? "" : " (replay of " + json::string_or(o, "replay_of", "") + ")"),
               number(o, "attempts"), duration(o, "first_ms"), duration(o, "total_ms"), number(usage, "input_tokens"),
               number(usage, "output_tokens"), cost_of(usage)});
  }
  return table.empty() ? "no requests are recorded ([hub] record says what is kept)\n" : table.render(columns);
}

std::string render_request(const json::object& o, int columns) {
  const json::object& usage = object_of(o, "usage");
  std::string out = field("request", json::string_or(o, "id", "") + "  " + status_of(o));
  out += field("at", moment(o));
  out += field("key", json::string_or(o, "key_name", ""));
  out += field("task", json::string_or(o, "task", ""));
  out += field("model", json::string_or(o, "model", ""));
  out += field("stands for", text_or(o, "route", "") +
                                 (json::string_or(o, "strategy", "").empty() ? "" : " (" + json::string_or(o, "strategy", "") + ")"));
  out += field("answered", json::string_or(o, "target", ""));
  out += field("replay of", json::string_or(o, "replay_of", ""));
  out += field("times", fmt::format("request read at {}, first byte at {}, over at {}", duration(o, "read_ms"), duration(o, "first_ms"),
                                    duration(o, "total_ms")));
  out += field("usage", fmt::format("{} tokens in ({} cached), {} out, {}", number(usage, "input_tokens"), number(usage, "cached_tokens"),
                                    number(usage, "output_tokens"), cost_of(usage)));
  out += side("client sent", object_of(o, "request"), columns);
  std::size_t place = 0;
  if (const json::array* asked = json::get_array(o, "asked"))
    for (const json::value& value : *asked)
      if (value.is_object()) out += attempt(value.get_object(), ++place, columns);
  out += side("client got", object_of(o, "answer"), columns);
  return out;
}

int run_requests_ls(const Common& common, const RequestsOptions& o) {
  const client::Query query{{"key", o.key}, {"model", o.model}, {"status", o.status}, {"task", o.task}};
  return run_listing(common, {client::make_path("requests"), query, o.limit, render_requests});
}

int run_requests_show(const Common& common, const std::string& id) {
  Session session(common);
  return session.run([id](Session& s) { return show(s, id); });
}

int run_requests_replay(const Common& common, const std::string& id) {
  Session session(common);
  return session.run([id](Session& s) { return replay(s, id); });
}

}  // namespace flotte::cli
