// The cockpit's live feed.
#include "hub/live.hpp"

#include "base/async/post.hpp"
#include "base/log.hpp"
#include "base/money.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t tasks_per_round = 500;
constexpr std::size_t changes_limit = 100'000;  // things that wait to be looked at
constexpr std::size_t running_in_snapshot = 200;
constexpr std::chrono::seconds minute{60};

}  // namespace

struct Live::Viewer {
  explicit Viewer(std::unique_ptr<http::WebSocket> s) : socket(std::move(s)) {}
  std::unique_ptr<http::WebSocket> socket;
  bool behind = true;  // wants a snapshot before anything else
};

Live::Live(Executor executor, fleet::Fleet& fleet, std::function<json::object()> hub)
    : executor_(executor), fleet_(fleet), hub_(std::move(hub)), scope_(executor, "live feed"), dirty_(executor) {}
Live::~Live() = default;

void Live::start() { scope_.spawn("changes", run_changes()); }

void Live::changed(std::string_view kind, const std::string& id) {
  if (changed_.size() >= changes_limit) return;
  changed_.emplace(std::string(kind), id);
  dirty_.set();
}

void Live::take(std::unique_ptr<http::WebSocket> socket) {
  auto held = std::make_shared<std::unique_ptr<http::WebSocket>>(std::move(socket));
  post_to(executor_, [this, held] {
    if (scope_.cancelled() || viewers_.size() >= viewers_limit) return (*held)->close();
    auto viewer = std::make_shared<Viewer>(std::move(*held));
    viewers_.push_back(viewer);
    count_ = viewers_.size();
    scope_.spawn("viewer", run_viewer(viewer));
    dirty_.set();
  });
}

/// What a viewer says is ignored; reading tells when it leaves and answers its pings.
Awaitable<void> Live::run_viewer(std::shared_ptr<Viewer> viewer) {
  std::exception_ptr cancelled;
  try {
    for (bool there = true; there;) {
      auto text = co_await viewer->socket->read();
      there = text.has_value();
    }
  } catch (...) {
    cancelled = std::current_exception();
  }
  viewer->socket->close();
  std::erase(viewers_, viewer);
  count_ = viewers_.size();
  if (cancelled) std::rethrow_exception(cancelled);
}

Awaitable<std::vector<wire::LiveItem>> Live::collect(std::set<std::pair<std::string, std::string>> things) {
  std::vector<wire::LiveItem> items;
  std::vector<std::int64_t> tasks;
  for (const auto& [kind, id] : things) {
    if (kind == "node") {
      const auto node = fleet_.node(id);
      items.push_back({kind, node ? node->id : id, node ? json::value(node->to_json()) : json::value(nullptr)});
    } else if (kind == "worker") {
      const auto worker = fleet_.worker(id);
      items.push_back({kind, id, worker ? json::value(worker->to_json()) : json::value(nullptr)});
    } else if (kind == "batch") {
      const auto number = wire::parse_id('b', id);
      if (!number) continue;
      auto batch = co_await fleet_.show_batch(*number);
      if (batch) items.push_back({kind, id, batch->to_json()});
    } else if (kind == "task" && tasks.size() == tasks_per_round) {
      changed(kind, id);  // for the next round
    } else if (kind == "task") {
      if (const auto number = wire::parse_id('t', id)) tasks.push_back(*number);
    }
  }
  if (tasks.empty()) co_return items;
  auto views = co_await fleet_.show_tasks(std::move(tasks));
  if (!views) co_return items;
  for (const wire::TaskView& task : *views) {
    if (task.state == wire::TaskState::succeeded) count_end(task.usage);
    if (task.state == wire::TaskState::queued) continue;  // a queue of a hundred thousand is a number, not a picture
    json::object value = task.to_json();
    value["result"] = nullptr;  // asked for when somebody looks at it
    items.push_back({"task", task.id, std::move(value)});
  }
  co_return items;
}

void Live::count_end(const wire::Usage& usage) {
  cost_pico_usd_ = add_usd(cost_pico_usd_, usage.cost_pico_usd);
  const auto second = std::chrono::floor<std::chrono::seconds>(system_clock().steady());
  if (ended_.empty() || ended_.back().at != second) ended_.push_back({second, 0, 0});
  ++ended_.back().tasks;
  ended_.back().output_tokens += usage.output_tokens;
  while (second - ended_.front().at > minute) ended_.pop_front();
}

Awaitable<wire::LiveItem> Live::counts() {
  json::object value;
  auto active = co_await fleet_.count_active();
  if (active) value = active->to_json();
  const SteadyTime now = system_clock().steady();
  std::int64_t tasks = 0, tokens = 0;
  for (const Second& second : ended_) {
    if (now - second.at <= minute) tasks += second.tasks;
    if (now - second.at <= std::chrono::seconds(10)) tokens += second.output_tokens;
  }
  value["done_per_minute"] = static_cast<double>(tasks);
  value["output_tokens_per_second"] = static_cast<double>(tokens) / 10.0;
  value["cost_usd"] = format_usd(cost_pico_usd_);
  co_return wire::LiveItem{"counts", "fleet", std::move(value)};
}

Awaitable<std::string> Live::snapshot() {
  std::vector<wire::LiveItem> items;
  for (const auto& node : fleet_.nodes()) items.push_back({"node", node.id, node.to_json()});
  for (const auto& worker : fleet_.workers()) items.push_back({"worker", worker.id, worker.to_json()});
  auto batches = co_await fleet_.list_batches(-1, 20);
  if (batches)
    for (const auto& batch : batches->items) items.push_back({"batch", batch.id, batch.to_json()});
  fleet::TaskFilter running;
  running.states = {wire::TaskState::running};
  running.limit = running_in_snapshot;
  auto tasks = co_await fleet_.list_tasks(std::move(running));
  if (tasks)
    for (const auto& task : tasks->items) items.push_back({"task", task.id, task.to_json()});
  auto count = co_await counts();
  items.push_back(std::move(count));
  json::object hub = hub_();
  hub["now"] = to_rfc3339(system_clock().wall());
  co_return wire::format_snapshot(offset_, hub, items);
}

Awaitable<void> Live::tell_changes() {
  auto things = std::exchange(changed_, {});
  // Tasks are counted also when nobody looks, so that the figures of the last minute are right for whoever comes.
  if (viewers_.empty()) std::erase_if(things, [](const auto& thing) { return thing.first != "task"; });
  if (things.empty()) co_return;
  auto items = co_await collect(std::move(things));
  if (viewers_.empty() || items.empty()) co_return;
  auto count = co_await counts();
  items.push_back(std::move(count));
  const std::string text = wire::format_changes(++offset_, items);
  const auto viewers = viewers_;  // one may leave meanwhile
  for (const auto& viewer : viewers) {
    if (viewer->socket->waiting() > bytes_behind) viewer->behind = true;
    if (viewer->behind) continue;
    auto sent = co_await viewer->socket->send(text);
    if (!sent) viewer->socket->close();  // run_viewer sees to the rest
  }
}

/// Who came, and who fell behind and has caught up with what was sent, begins anew.
Awaitable<void> Live::tell_snapshots() {
  std::string whole;
  const auto viewers = viewers_;
  for (const auto& viewer : viewers) {
    if (!viewer->behind) continue;
    if (viewer->socket->waiting() > 0) {
      dirty_.set();  // looked at again in the next round
      continue;
    }
    if (whole.empty()) whole = co_await snapshot();
    viewer->behind = false;
    auto sent = co_await viewer->socket->send(whole);
    if (!sent) viewer->socket->close();
  }
}

Awaitable<void> Live::run_changes() {
  for (;;) {
    if (!co_await dirty_.wait()) co_return;
    dirty_.reset();
    co_await tell_changes();
    co_await tell_snapshots();
    const bool rested = co_await sleep_for(interval);
    if (!rested) co_return;
  }
}

}  // namespace flotte::hub
