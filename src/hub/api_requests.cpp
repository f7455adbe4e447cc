// The flight recorder: what the loops remember of their calls, gathered when somebody asks.
#include <fmt/format.h>

#include <algorithm>

#include "base/async/run_on.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/inner_call.hpp"
#include "route/redact.hpp"
#include "route/trace_json.hpp"

namespace flotte::hub {
namespace {

using Lines = std::vector<route::TraceLine>;
using Found = std::optional<route::Trace>;

constexpr std::string_view how_to_record = "[hub] record = \"heads\" or \"bodies\" in the configuration turns the recorder on";

/// A cursor is the time and the id of the last one that was shown: "1795253400000.req_0123".
Result<std::optional<std::pair<WallTime, std::string>>> before_of(const http::RequestHead& head) {
  const auto text = head.query("cursor");
  if (!text || text->empty()) return std::nullopt;
  const std::size_t dot = text->find('.');
  const auto ms = parse_number(std::string_view(*text).substr(0, dot));
  if (!ms || dot == std::string::npos || dot + 1 == text->size())
    return fail(Code::invalid_argument, fmt::format("cursor = '{}' is no place in this list", *text), "give `next` of the answer before");
  return std::pair(from_ms(*ms), text->substr(dot + 1));
}

bool is_status_word(std::string_view word) {
  if (word.empty() || word == "ok" || word == "error" || word == "live") return true;
  const bool number = word.size() == 3 && word.front() >= '1' && word.front() <= '5';
  return number && (word.substr(1) == "xx" || parse_number(word));
}

Result<route::TraceFilter> filter_of(const http::RequestHead& head) {
  route::TraceFilter filter;
  filter.key = head.query("key").value_or("");
  filter.model = head.query("model").value_or("");
  filter.status = head.query("status").value_or("");
  if (!is_status_word(filter.status))
    return fail(Code::invalid_argument, fmt::format("status = '{}' is none", filter.status),
                "a status as 429, a class as 5xx, or ok, error, live");
  if (const auto task = head.query("task"); task && !task->empty()) {
    const auto number = wire::parse_id('t', *task);
    if (!number) return fail(Code::invalid_argument, fmt::format("task = '{}' is no task", *task), "as in t42");
    filter.task = *number;
  }
  auto limit = limit_of(head);
  if (!limit) return pass(limit);
  filter.limit = *limit;
  auto before = before_of(head);
  if (!before) return pass(before);
  filter.before = std::move(*before);
  return filter;
}

Awaitable<Lines> gather(Hub& hub, route::TraceFilter filter) {
  Lines all;
  for (const auto& loop : hub.loops()) {
    std::function<Lines()> list = [&loop, filter] { return loop->gateway.recorder().list(filter); };
    Lines lines = co_await run_on<Lines>(loop->loop.executor(), std::move(list));
    all.insert(all.end(), std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
  }
  std::sort(all.begin(), all.end(), route::newer_first);
  co_return all;
}

Awaitable<Found> find_trace(Hub& hub, std::string id) {
  for (const auto& loop : hub.loops()) {
    std::function<Found()> find = [&loop, id] { return loop->gateway.recorder().find(id); };
    Found found = co_await run_on<Found>(loop->loop.executor(), std::move(find));
    if (found) co_return found;
  }
  co_return std::nullopt;
}

/// What providers are called with; it is shown nowhere, whatever they repeat of it.
Awaitable<std::vector<std::string>> provider_secrets(Hub& hub) {
  std::function<std::vector<std::string>()> collect = [&hub] {
    std::vector<std::string> secrets;
    for (const auto& provider : hub.providers().effective().providers) secrets.push_back(provider.api_key.reveal());
    return secrets;
  };
  co_return co_await run_on<std::vector<std::string>>(hub.fleet_executor(), std::move(collect));
}

Error unknown(const Hub& hub, const std::string& id) {
  const bool off = hub.config().recorder.record == route::Recording::off;
  return Error(Code::not_found, fmt::format("the recorder does not have the request '{}'", id.substr(0, 100)),
               off ? std::string(how_to_record) : "it keeps the last ones only: flotte requests ls shows which");
}

/// The client's request as it was, without what was redacted and what belonged to its connection.
http::RequestHead head_again(const route::Trace& trace) {
  http::RequestHead head;
  std::string_view rest = trace.words(trace.request);
  const auto next_line = [&rest] {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    return line;
  };
  const std::string_view line = next_line();
  const std::size_t space = std::min(line.find(' '), line.size());
  head.method = line.substr(0, space);
  head.target = line.substr(std::min(space + 1, line.size()));
  if (head.target.starts_with("/k/")) head.target.erase(0, std::min(head.target.find('/', 3), head.target.size()));
  while (!rest.empty()) {
    const std::string_view field = next_line();
    const std::size_t colon = field.find(": ");
    if (colon == std::string_view::npos) continue;
    const std::string_view name = field.substr(0, colon), value = field.substr(colon + 2);
    const bool ours = name.size() > 9 && http::same_name(name.substr(0, 9), "x-flotte-");
    if (ours || http::hop_by_hop(name) || value == route::redacted) continue;
    head.headers.add(name, value);
  }
  return head;
}

}  // namespace

Awaitable<void> list_requests(Request& request) {
  auto filter = filter_of(request.call.head());
  if (!filter) co_return co_await respond_error(request.call, filter.error());
  const std::size_t limit = filter->limit;
  ++filter->limit;  // one more tells whether there are more
  Lines lines = co_await gather(request.hub, std::move(*filter));
  json::value next = nullptr;
  if (lines.size() > limit) {
    lines.resize(limit);
    next = json::value(fmt::format("{}.{}", to_ms(lines.back().at), lines.back().id));
  }
  json::array items;
  for (const route::TraceLine& line : lines) items.emplace_back(route::to_json(line));
  const json::value page = page_of(std::move(items), std::move(next));
  co_await respond_json(request.call, 200, page);
}

Awaitable<void> show_request(Request& request) {
  const std::string id = request.captures.at(0);
  const Found trace = co_await find_trace(request.hub, id);
  if (!trace) {
    const Error error = unknown(request.hub, id);
    co_return co_await respond_error(request.call, error);
  }
  const std::vector<std::string> secrets = co_await provider_secrets(request.hub);
  const json::value shown = route::to_json(*trace, request.hub.config().recorder.record, secrets);
  co_await respond_json(request.call, 200, shown);
}

Awaitable<void> replay_request(Request& request) {
  const std::string id = request.captures.at(0);
  Found trace = co_await find_trace(request.hub, id);
  if (!trace) {
    const Error error = unknown(request.hub, id);
    co_return co_await respond_error(request.call, error);
  }
  if (!route::can_be_replayed(*trace)) {
    const bool bodies = request.hub.config().recorder.record == route::Recording::bodies;
    const Error error(Code::conflict, fmt::format("the body of '{}' was not kept{}", id, bodies ? " wholly: it is over record_body" : ""),
                      bodies ? "a larger [hub] record_body keeps larger ones" : "[hub] record = \"bodies\" keeps them from then on");
    co_return co_await respond_error(request.call, error);
  }
  InnerCall again(request.call.executor(), head_again(*trace), std::move(trace->received.text));
  request.call.on_gone([&again] { again.leave(); });
  // By whoever sends it again, and never as a part of a task: it pays for itself.
  auto caller = std::make_shared<Caller>(*request.caller);
  caller->who.run.reset();
  const auto answered = co_await request.hub.answer_as(request.loop, again, std::move(caller));
  request.call.on_gone(nullptr);
  if (!answered) co_return co_await respond_error(request.call, answered.error());
  request.loop.gateway.recorder().mark_replay(again.request_id, id);
  json::object answer;
  answer["id"] = again.request_id;
  answer["replay_of"] = id;
  answer["status"] = again.status;
  answer["complete"] = !again.aborted && again.status != 0;
  co_await respond_json(request.call, 200, answer);
}

}  // namespace flotte::hub
