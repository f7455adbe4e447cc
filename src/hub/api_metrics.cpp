// GET /metrics: what the loops, the places and the database have counted, as Prometheus reads it.
#include <unistd.h>

#include <fstream>
#include <map>

#include "base/async/run_on.hpp"
#include "base/metrics.hpp"
#include "fleet/flows.hpp"
#include "fleet/views.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "route/plan.hpp"

namespace flotte::hub {
namespace {

/// What one loop knows.
struct LoopCounts {
  route::Gateway::Counts calls;
  route::CallMetrics metrics;
  route::Recorder::Counts recorder;
  http::Server::Counts server{};
  http::Client::Counts client{};
};

Awaitable<LoopCounts> count_all(Hub& hub) {
  LoopCounts sum;
  for (const auto& loop : hub.loops()) {
    std::function<LoopCounts()> count = [&loop] {
      return LoopCounts{loop->gateway.counts(), loop->gateway.metrics(), loop->gateway.recorder().counts(), loop->server.counts(),
                        loop->client.counts()};
    };
    const LoopCounts one = co_await run_on<LoopCounts>(loop->loop.executor(), std::move(count));
    sum.calls.calls += one.calls.calls;
    sum.calls.streams += one.calls.streams;
    sum.calls.replayed += one.calls.replayed;
    sum.calls.maybe_twice += one.calls.maybe_twice;
    sum.calls.failed_over += one.calls.failed_over;
    sum.calls.refused += one.calls.refused;
    sum.calls.affinity_kept += one.calls.affinity_kept;
    sum.calls.affinity_new += one.calls.affinity_new;
    sum.calls.affinity_cached_tokens += one.calls.affinity_cached_tokens;
    sum.calls.under_way += one.calls.under_way;
    sum.metrics.add(one.metrics);
    sum.recorder.traces += one.recorder.traces;
    sum.recorder.bytes += one.recorder.bytes;
    sum.recorder.forgotten += one.recorder.forgotten;
    sum.server.connections += one.server.connections;
    sum.server.active_requests += one.server.active_requests;
    sum.server.accepted += one.server.accepted;
    sum.server.requests += one.server.requests;
    sum.client.idle += one.client.idle;
    sum.client.busy += one.client.busy;
    sum.client.connected += one.client.connected;
    sum.client.reused += one.client.reused;
  }
  co_return sum;
}

void write_counts(MetricsText& text, const LoopCounts& sum, std::uint64_t usage_lost) {
  const auto number = [](auto n) { return static_cast<double>(n); };
  text.counter("flotte_calls_total", "Model calls.", number(sum.calls.calls));
  text.counter("flotte_calls_streamed_total", "Model calls that were streamed.", number(sum.calls.streams));
  text.counter("flotte_calls_replayed_total", "Model calls answered from the journal.", number(sum.calls.replayed));
  text.counter("flotte_calls_maybe_bought_twice_total", "Model calls of tasks bought though an earlier one was perhaps paid for.",
               number(sum.calls.maybe_twice));
  text.counter("flotte_calls_failed_over_total", "Model calls that went on to another target.", number(sum.calls.failed_over));
  text.counter("flotte_calls_refused_total", "Model calls that got an error instead of an answer.", number(sum.calls.refused));
  text.family("flotte_affinity_total", "counter", "Answers under strategy affinity, by whether the target had served the same beginning.");
  text.sample({{"prefix", "kept"}}, number(sum.calls.affinity_kept));
  text.sample({{"prefix", "new"}}, number(sum.calls.affinity_new));
  text.counter("flotte_affinity_cached_tokens_total", "Input tokens that strategy affinity found in a target's cache.",
               number(sum.calls.affinity_cached_tokens));
  text.gauge("flotte_calls_under_way", "Model calls that are being answered.", number(sum.calls.under_way));
  text.counter("flotte_usage_lost_total", "Usage records that found no room.", number(usage_lost));
  text.gauge("flotte_connections", "Connections of clients.", number(sum.server.connections));
  text.counter("flotte_connections_total", "Connections of clients since the start.", number(sum.server.accepted));
  text.counter("flotte_requests_total", "Requests of all kinds.", number(sum.server.requests));
  text.gauge("flotte_requests_under_way", "Requests of all kinds that are being answered.", number(sum.server.active_requests));
  text.family("flotte_upstream_connections", "gauge", "Connections to providers and engines.");
  text.sample({{"state", "busy"}}, number(sum.client.busy));
  text.sample({{"state", "idle"}}, number(sum.client.idle));
  text.counter("flotte_upstream_connected_total", "Connections made to providers and engines.", number(sum.client.connected));
  text.counter("flotte_upstream_reused_total", "Calls that found a kept connection.", number(sum.client.reused));
  text.gauge("flotte_recorded_requests", "Requests in the flight recorder.", number(sum.recorder.traces));
  text.gauge("flotte_recorder_bytes", "Memory of the flight recorder.", number(sum.recorder.bytes));
  text.counter("flotte_recorder_forgotten_total", "Recorded requests that made room for newer ones.", number(sum.recorder.forgotten));
}

std::string_view state_of(const route::Target& target, SteadyTime now) {
  return route::closed(target, now) ? "open" : target.health->failures.load(std::memory_order_relaxed) > 0 ? "half_open" : "closed";
}

/// Breakers of the targets that models name, and the calls under way at their places. Bounded by the configuration.
void write_targets(MetricsText& text, const route::Table& table, SteadyTime now) {
  std::map<std::string, const route::Target*> targets, places;
  std::vector<std::shared_ptr<const route::Route>> routes;  // they own the targets
  for (const std::string& name : table.names()) {
    auto route = table.resolve(name);
    if (!route) continue;
    for (const route::Target& target : (*route)->targets) {
      targets.emplace(target.name, &target);
      places.emplace(target.place, &target);
    }
    routes.push_back(std::move(*route));
  }
  text.family("flotte_target_breaker", "gauge",
              "1 for the state that a target's breaker is in: closed (asked), half_open (has failed), open (not asked).");
  for (const auto& [name, target] : targets)
    if (target->health) text.sample({{"target", name}, {"state", state_of(*target, now)}}, 1);
  text.family("flotte_target_failures", "gauge", "Failures of a target in a row.");
  for (const auto& [name, target] : targets)
    if (target->health) text.sample({{"target", name}}, target->health->failures.load(std::memory_order_relaxed));
  text.family("flotte_place_calls_under_way", "gauge", "Calls under way at a provider or an engine.");
  for (const auto& [place, target] : places)
    if (target->load) text.sample({{"place", place}}, target->load->in_flight.load(std::memory_order_relaxed));
}

void write_process(MetricsText& text, WallTime started_at) {
  std::ifstream file("/proc/self/statm");
  std::uint64_t virtual_pages = 0, resident_pages = 0;
  if (file >> virtual_pages >> resident_pages)
    text.gauge("process_resident_memory_bytes", "Resident memory.",
               static_cast<double>(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  timespec cpu{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
    text.counter("process_cpu_seconds_total", "Time on processors.",
                 static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9);
  text.gauge("process_start_time_seconds", "When the hub started, since 1970.", static_cast<double>(to_ms(started_at)) / 1'000.0);
}

Awaitable<void> write_tasks(MetricsText& text, Hub& hub) {
  std::function<Result<fleet::Counts>(store::Transaction&)> count = [](store::Transaction& rows) -> Result<fleet::Counts> {
    return fleet::count_active(rows);
  };
  const auto tasks = co_await hub.database().read<fleet::Counts>(std::move(count));
  if (!tasks) co_return;  // the rest is worth reading also while the database is away
  text.family("flotte_tasks", "gauge", "Tasks that are not over, by state.");
  text.sample({{"state", "queued"}}, static_cast<double>(tasks->queued));
  text.sample({{"state", "offered"}}, static_cast<double>(tasks->offered));
  text.sample({{"state", "running"}}, static_cast<double>(tasks->running));
  text.sample({{"state", "waiting"}}, static_cast<double>(tasks->waiting));
}

/// How long tasks waited for their start, and how long those at the front wait now.
Awaitable<void> write_waits(MetricsText& text, Hub& hub) {
  const fleet::Waits waits = hub.fleet().waits();
  text.family("flotte_task_wait_seconds", "histogram", "Time from ready to handed out, by priority (0 is first).");
  for (std::size_t priority = 0; priority < waits.size(); ++priority)
    if (waits[priority].count() > 0) text.sample({{"priority", std::to_string(priority)}}, waits[priority]);
  using Oldest = std::array<std::optional<WallTime>, 10>;
  std::function<Result<Oldest>(store::Transaction&)> look = [](store::Transaction& rows) -> Result<Oldest> {
    return fleet::oldest_ready(rows);
  };
  const auto oldest = co_await hub.database().read<Oldest>(std::move(look));
  if (!oldest) co_return;
  text.family("flotte_task_oldest_seconds", "gauge", "How long the first ready task of each flow has waited, at most, by priority.");
  for (std::size_t priority = 0; priority < oldest->size(); ++priority)
    if ((*oldest)[priority])
      text.sample({{"priority", std::to_string(priority)}},
                  static_cast<double>((hub.database().now() - *(*oldest)[priority]).count()) / 1'000.0);
}

}  // namespace

Awaitable<void> show_metrics(Request& request) {
  const LoopCounts sum = co_await count_all(request.hub);
  std::uint64_t usage_lost = 0;
  for (const auto& loop : request.hub.loops()) usage_lost += loop->usage.lost();
  MetricsText text;
  write_counts(text, sum, usage_lost);
  sum.metrics.write(text);
  if (const auto table = request.loop.table) write_targets(text, *table, system_clock().steady());
  const auto database = request.hub.database().counters();
  text.counter("flotte_database_commits_total", "Commits.", static_cast<double>(database.commits));
  text.counter("flotte_database_writes_total", "Operations within commits.", static_cast<double>(database.closures));
  if (const auto dropped = request.hub.access_lines_dropped())
    text.counter("flotte_access_log_dropped_total", "Lines of the access log that found no room.", static_cast<double>(*dropped));
  co_await write_tasks(text, request.hub);
  co_await write_waits(text, request.hub);
  write_process(text, request.hub.started_at());
  http::Response response = http::Response::text(200, text.text());
  response.head.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
  auto sent = co_await request.call.respond(std::move(response));
  (void)sent;  // a client that has gone needs no answer
}

}  // namespace flotte::hub
