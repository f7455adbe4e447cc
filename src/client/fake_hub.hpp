// For tests: a scripted hub on a loopback port, which answers the fleet API as api/openapi.yaml says. Work gets done when somebody looks:
// each look at a batch ends the next few of its items, so nothing here waits for time.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "base/crypto.hpp"
#include "http/server.hpp"
#include "http/sse.hpp"
#include "wire/task.hpp"

namespace flotte::client {

struct FakeItem {
  std::string name;
  wire::TaskSpec spec;
  wire::TaskView task;
};
struct FakeBatch {
  std::string title, key;
  std::vector<FakeItem> items;
  std::vector<std::size_t> ended;
  bool sealed = false, cancelled = false;
};

class FakeHub {
 public:
  FakeHub() : loop_("fake-hub") {
    loop_.start();
    start();
  }
  ~FakeHub() { stop(); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Away and back, as after a restart: connections are cut, everything that was answered is remembered.
  void stop() {
    run_on_loop([this] { server_.reset(); });
  }
  void start() {
    run_on_loop([this] {
      server_ = std::make_unique<http::Server>(loop_.executor(), [this](http::ServerCall& call) { return answer(call); });
      auto port = server_->listen({.host = "127.0.0.1", .port = port_, .unix_path = {}});
      if (port) port_ = *port;
    });
  }

  // ---- the script; change it under `with` only: the hub has a thread of its own
  // ------------------------------------------------------------------
  std::set<std::string> failing, refused, large;  // names of items
  std::size_t per_look = 2;                       // items that end at each look at their batch
  std::string key = "secret";
  std::function<void(const http::RequestHead&)> on_request = [](const http::RequestHead&) {};
  std::vector<std::string> chat_chunks;  // data of the events of a chat answer
  std::vector<std::string> task_events;  // server-sent events of any task, as text; "CUT" breaks the connection off once

  template <class F>
  auto with(F f) {
    std::lock_guard lock(mutex_);
    return f(*this);
  }
  std::map<std::string, FakeBatch> batches;
  std::map<std::string, std::string> blobs;
  std::vector<std::string> requests;  // "POST /fleet/v1/batches"
  std::vector<wire::TaskSpec> tasks;

 private:
  void run_on_loop(std::function<void()> work) {
    std::mutex mutex;
    std::condition_variable done;
    bool finished = false;
    loop_.post([&] {
      work();
      std::lock_guard lock(mutex);
      finished = true;
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return finished; });
  }

  static http::Response error(int status, const std::string& code, const std::string& message) {
    return http::Response::json(status, json::dump(json::object{{"error", json::object{{"code", code}, {"message", message}}}}));
  }

  Awaitable<void> answer(http::ServerCall& call) {
    const std::string path(call.head().path()), method = call.head().method;
    const auto seen = with([](FakeHub& hub) { return hub.on_request; });
    seen(call.head());
    auto body = co_await call.read_body();
    if (!body) co_return;
    std::optional<std::string> events;
    http::Response response;
    {
      std::lock_guard lock(mutex_);
      requests.push_back(method + " " + path);
      if (call.head().headers.get("authorization").value_or("") != "Bearer " + key)
        response = error(401, "unauthenticated", "unknown key");
      else if (path == "/v1/chat/completions")
        events = chat_stream();
      else if (path.ends_with("/events"))
        events = event_stream(call.head());
      else
        response = route(call.head(), path, *body);
    }
    if (!events) {
      (void)co_await call.respond(std::move(response));
      co_return;
    }
    http::ResponseHead head;
    head.headers.set("Content-Type", "text/event-stream");
    head.headers.set("x-flotte-target", "llama@box/tiny");
    (void)co_await call.start(std::move(head));
    const std::size_t cut = events->find("CUT");
    if (!events->empty()) (void)co_await call.write(std::string_view(*events).substr(0, cut));
    if (cut != std::string::npos)
      call.abort();
    else
      (void)co_await call.finish();
  }

  std::string chat_stream() const {
    std::string out;
    for (const std::string& chunk : chat_chunks) out += chunk == "CUT" ? chunk : "data: " + chunk + "\n\n";
    return out;
  }

  std::string event_stream(const http::RequestHead& head) {
    const std::string after(head.headers.get("last-event-id").value_or("0"));
    std::string out;
    for (std::size_t i = 0; i < task_events.size(); ++i) {
      if (task_events[i] == "CUT") {
        task_events.erase(task_events.begin() + static_cast<std::ptrdiff_t>(i));
        return out + "CUT";
      }
      if (i + 1 > std::stoul(after)) out += "id: " + std::to_string(i + 1) + "\n" + task_events[i] + "\n\n";
    }
    return out;
  }

  http::Response route(const http::RequestHead& head, const std::string& path, const std::string& body) {
    const std::string tail = path.substr(std::min(path.size(), std::string("/fleet/v1/").size()));
    if (tail == "workers")
      return http::Response::json(
          200, R"({"items":[{"id":"tiny@home","activities":[{"task":"t1","title":"a.txt","step":"reading"}]}],"next":null})");
    if (tail == "models")
      return http::Response::json(200, R"({"items":[{"id":"default","demonstration":true,"targets":["llama@box/tiny"]}],"next":null})");
    if (tail == "tasks" && head.method == "POST") return submit_task(body);
    if (tail.starts_with("blobs/")) return blob(head.method, tail.substr(6), body);
    if (tail == "batches" && head.method == "POST") return create(head, body);
    if (tail.starts_with("batches/")) {
      const std::size_t slash = tail.find('/', 8);
      const auto batch = batches.find(tail.substr(8, slash == std::string::npos ? slash : slash - 8));
      if (batch == batches.end()) return error(404, "not_found", "no such batch");
      const std::string what = slash == std::string::npos ? "" : tail.substr(slash + 1);
      if (what == "items") return head.method == "POST" ? add_items(batch->second, body) : list_items(batch->second, head);
      if (what == "seal")
        batch->second.sealed = true;
      else if (what == "cancel")
        cancel(batch->second);
      else if (what == "retry")
        retry(batch->second);
      else if (what.empty())
        work(batch->second);
      return show(batch->first, batch->second);
    }
    return error(404, "not_found", "no such path: " + path);
  }

  http::Response submit_task(const std::string& body) {
    auto spec = wire::TaskSpec::from_json(json::parse_object(body).value());
    if (!spec) return error(400, "invalid_argument", spec.error().message);
    tasks.push_back(*spec);
    wire::TaskView task;
    task.id = "t" + std::to_string(tasks.size());
    task.kind = spec->kind;
    return http::Response::json(201, json::dump(task.to_json()));
  }

  http::Response blob(const std::string& method, const std::string& id, const std::string& body) {
    if (method == "PUT") {
      if (sha256_hex(body) != id) return error(422, "unprocessable", "other bytes");
      blobs[id] = body;
      return http::Response::json(201, "{}");
    }
    const auto it = blobs.find(id);
    if (it == blobs.end()) return error(404, "not_found", "no blob");
    return http::Response::text(200, it->second);
  }

  http::Response create(const http::RequestHead& head, const std::string& body) {
    const std::string idempotency(head.headers.get("idempotency-key").value_or(""));
    for (const auto& [id, batch] : batches)
      if (batch.key == idempotency) return show(id, batch);
    const std::string id = "b" + std::to_string(batches.size() + 1);
    batches[id].key = idempotency;
    batches[id].title = json::string_or(json::parse_object(body).value(), "title", "");
    return show(id, batches[id]);
  }

  http::Response add_items(FakeBatch& batch, const std::string& body) {
    if (batch.sealed && !body.empty()) return error(409, "conflict", "sealed");
    std::size_t number = 0;
    for (std::string_view rest = body; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      ++number;
      auto object = json::parse_object(line);
      auto spec = wire::TaskSpec::from_json(*json::get_object(*object, "task"));
      const std::string name = json::string_or(*object, "name", "");
      if (!spec || refused.contains(name))
        return error(400, "invalid_argument", "line " + std::to_string(number) + ": there is no model \"x\"");
      const auto index = static_cast<std::size_t>(json::int_or(*object, "index", -1));
      if (index < batch.items.size()) continue;
      if (index != batch.items.size()) return error(400, "invalid_argument", "a gap");
      batch.items.push_back({name, *spec, {}});
      wire::TaskView& task = batch.items.back().task;
      task.id = "t" + std::to_string(index + 1);
      task.kind = spec->kind;
      task.title = spec->title;
      task.model = spec->model;
    }
    return http::Response::json(200, json::dump(json::object{{"added", number}, {"skipped", 0}, {"next_index", batch.items.size()}}));
  }

  static json::object item_json(const FakeBatch& batch, std::size_t index) {
    return {{"index", index}, {"name", batch.items[index].name}, {"task", batch.items[index].task.to_json()}};
  }

  static http::Response list_items(const FakeBatch& batch, const http::RequestHead& head) {
    const bool by_end = head.query("ended_after").has_value();
    const std::size_t limit = std::stoul(head.query("limit").value_or("100"));
    std::string from = by_end ? *head.query("ended_after") : head.query("cursor").value_or("");
    std::size_t at = from.empty() ? 0 : std::stoul(from);
    const std::size_t end = by_end ? batch.ended.size() : batch.items.size();
    json::array items;
    for (; at < end && items.size() < limit; ++at) items.emplace_back(item_json(batch, by_end ? batch.ended[at] : at));
    const bool more = by_end || at < end;
    return http::Response::json(
        200, json::dump(json::object{{"items", items}, {"next", more ? json::value(std::to_string(at)) : json::value(nullptr)}}));
  }

  void work(FakeBatch& batch) {
    for (std::size_t done = 0, i = 0; i < batch.items.size() && done < per_look; ++i) {
      FakeItem& item = batch.items[i];
      if (wire::terminal(item.task.state)) continue;
      ++done;
      item.task.attempt = 1;
      item.task.node = "home";
      item.task.worker = "tiny";
      item.task.target = "llama@box/tiny";
      item.task.usage.input_tokens = 100;
      item.task.usage.output_tokens = 10;
      item.task.state = failing.contains(item.name) ? wire::TaskState::failed : wire::TaskState::succeeded;
      if (failing.contains(item.name))
        item.task.error = Error(Code::corrupt, "the document has no text");
      else
        item.task.result = result_of(item);
      batch.ended.push_back(i);
    }
  }

  json::value result_of(const FakeItem& item) {
    std::string text = "about " + item.name;
    if (const auto blob = json::get_string(item.spec.input, "blob")) text += ": " + blobs[std::string(*blob)];
    if (!large.contains(item.name)) return json::object{{"text", text}};
    text += std::string(100'000, 'x');
    const std::string id = sha256_hex(text);
    blobs[id] = text;
    return json::object{{"blob", id}};
  }

  static void cancel(FakeBatch& batch) {
    batch.cancelled = batch.sealed = true;
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      if (wire::terminal(batch.items[i].task.state)) continue;
      batch.items[i].task.state = wire::TaskState::cancelled;
      batch.ended.push_back(i);
    }
  }

  static void retry(FakeBatch& batch) {
    batch.cancelled = false;
    for (FakeItem& item : batch.items)
      if (item.task.state == wire::TaskState::failed || item.task.state == wire::TaskState::cancelled) {
        item.task.state = wire::TaskState::queued;
        item.task.error.reset();
      }
  }

  static http::Response show(const std::string& id, const FakeBatch& batch) {
    wire::BatchView view;
    view.id = id;
    view.title = batch.title;
    view.total = static_cast<std::int64_t>(batch.items.size());
    for (const FakeItem& item : batch.items) {
      view.usage += item.task.usage;
      ++(item.task.state == wire::TaskState::succeeded   ? view.succeeded
         : item.task.state == wire::TaskState::failed    ? view.failed
         : item.task.state == wire::TaskState::cancelled ? view.cancelled
                                                         : view.queued);
    }
    view.created_at = from_ms(1'000'000);
    const bool ended = view.queued == 0;
    view.state = batch.cancelled ? "cancelled" : !batch.sealed ? "open" : ended ? "done" : "running";
    return http::Response::json(200, json::dump(view.to_json()));
  }

  Loop loop_;
  std::mutex mutex_;
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace flotte::client
