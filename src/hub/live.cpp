// The cockpit's live feed.
#include "hub/live.hpp"

#include "base/async/post.hpp"
#include "base/log.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t tasks_per_message = 200;
constexpr auto minute = std::chrono::minutes(1);

}  // namespace

struct Live::Viewer {
  Viewer(Executor executor, std::unique_ptr<http::WebSocket> s) : socket(std::move(s)), wake(executor) {}
  std::unique_ptr<http::WebSocket> socket;
  std::deque<std::string> queue;
  Event wake;
  bool behind = true;  // wants a snapshot before anything else
  bool gone = false;
};

Live::Live(Executor executor, fleet::Fleet& fleet, std::function<json::object()> hub)
    : executor_(executor), fleet_(fleet), hub_(std::move(hub)), scope_(executor, "live feed"), dirty_(executor) {}

void Live::start() { scope_.spawn("changes", run_changes()); }

void Live::changed(std::string_view kind, const std::string& id) {
  changed_.emplace(std::string(kind), id);
  dirty_.set();
}

void Live::take(std::unique_ptr<http::WebSocket> socket) {
  auto held = std::make_shared<std::unique_ptr<http::WebSocket>>(std::move(socket));
  post_to(executor_, [this, held] {
    if (scope_.cancelled()) return;
    if (viewers_.size() >= viewers_limit) {
      log::warning("a live feed was refused", {{"viewers", viewers_.size()}});
      return (*held)->close();
    }
    auto viewer = std::make_shared<Viewer>(executor_, std::move(*held));
    viewers_.push_back(viewer);
    scope_.spawn("viewer", run_viewer(viewer));
    scope_.spawn("viewer writer", run_viewer_writer(viewer));
    dirty_.set();
  });
}

Awaitable<void> Live::run_viewer(std::shared_ptr<Viewer> viewer) {
  // What a viewer says is ignored; reading tells when it leaves and answers its pings.
  try {
    for (;;) {
      auto text = co_await viewer->socket->read();
      if (!text) break;
    }
  } catch (const std::exception&) {
    viewer->gone = true;  // the hub stops
  }
  viewer->gone = true;
  viewer->wake.set();
  std::erase(viewers_, viewer);
}

Awaitable<void> Live::run_viewer_writer(std::shared_ptr<Viewer> viewer) {
  while (!viewer->gone) {
    while (!viewer->queue.empty() && !viewer->gone) {
      const std::string text = std::move(viewer->queue.front());
      viewer->queue.pop_front();
      auto sent = co_await viewer->socket->send(text);
      if (!sent) viewer->gone = true;
    }
    viewer->wake.reset();
    if (viewer->gone || !co_await viewer->wake.wait()) break;
  }
  viewer->socket->close();
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
    } else if (kind == "task" && tasks.size() < tasks_per_message) {
      if (const auto number = wire::parse_id('t', id)) tasks.push_back(*number);
    }
  }
  if (tasks.empty()) co_return items;
  auto views = co_await fleet_.show_tasks(std::move(tasks));
  if (!views) co_return items;
  const SteadyTime now = system_clock().steady();
  for (const wire::TaskView& task : *views) {
    if (task.state == wire::TaskState::succeeded) {
      ended_.emplace_back(now, task.usage.output_tokens);
      cost_micro_usd_ += task.usage.cost_micro_usd;
    }
    if (task.state == wire::TaskState::queued) continue;  // a queue of a hundred thousand is a number, not a picture
    json::object value = task.to_json();
    value["result"] = nullptr;  // asked for when somebody looks at it
    items.push_back({"task", task.id, std::move(value)});
  }
  co_return items;
}

Awaitable<wire::LiveItem> Live::counts() {
  json::object value;
  auto active = co_await fleet_.count_active();
  if (active) value = active->to_json();
  const SteadyTime now = system_clock().steady();
  while (!ended_.empty() && now - ended_.front().first > minute) ended_.pop_front();
  std::int64_t tokens = 0;
  for (const auto& [at, count] : ended_)
    if (now - at <= std::chrono::seconds(10)) tokens += count;
  value["done_per_minute"] = static_cast<double>(ended_.size());
  value["output_tokens_per_second"] = static_cast<double>(tokens) / 10.0;
  value["cost_usd"] = wire::format_usd(cost_micro_usd_);
  co_return wire::LiveItem{"counts", "fleet", std::move(value)};
}

Awaitable<std::string> Live::snapshot() {
  std::vector<wire::LiveItem> items;
  for (const auto& node : fleet_.nodes()) items.push_back({"node", node.id, node.to_json()});
  for (const auto& worker : fleet_.workers()) items.push_back({"worker", worker.id, worker.to_json()});
  auto batches = co_await fleet_.list_batches(-1, 20);
  if (batches)
    for (const auto& batch : batches->items) items.push_back({"batch", batch.id, batch.to_json()});
  auto count = co_await counts();
  items.push_back(std::move(count));
  json::object hub = hub_();
  hub["now"] = to_rfc3339(system_clock().wall());
  co_return wire::format_snapshot(offset_, hub, items);
}

Awaitable<void> Live::run_changes() {
  for (;;) {
    if (!co_await dirty_.wait()) co_return;
    dirty_.reset();
    const bool somebody = !viewers_.empty();
    if (!changed_.empty()) {
      auto things = std::exchange(changed_, {});
      // Counted also when nobody looks, so that the figures of the last minute are right for whoever comes.
      auto items = co_await collect(std::move(things));
      if (somebody && !items.empty()) {
        auto count = co_await counts();
        items.push_back(std::move(count));
        ++offset_;
        const std::string text = wire::format_changes(offset_, items);
        for (const auto& viewer : viewers_) {
          if (viewer->behind) continue;
          viewer->queue.push_back(text);
          viewer->behind = viewer->queue.size() > messages_behind;
          viewer->wake.set();
        }
      }
    }
    std::string whole;
    const auto viewers = viewers_;
    for (const auto& viewer : viewers) {
      if (!viewer->behind) continue;
      if (whole.empty()) whole = co_await snapshot();
      viewer->queue.clear();
      viewer->queue.push_back(whole);
      viewer->behind = false;
      viewer->wake.set();
    }
    co_await sleep_for(interval);
  }
}

}  // namespace flotte::hub
