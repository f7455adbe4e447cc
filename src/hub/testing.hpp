// For the tests of this module only: a real hub on a port of its own with its data in a temporary directory, and a client in front of it.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/async/blocking.hpp"
#include "base/async/loop.hpp"
#include "base/async/wait.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "http/client.hpp"
#include "http/websocket.hpp"
#include "hub/hub.hpp"

namespace flotte::hub::testing {

/// Waits for a condition, not for a time. False after ten seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
  /// The body as an object; empty where it is none.
  json::object object() const { return json::parse_object(body).value_or(json::object{}); }
  std::string text(std::string_view member) const { return json::string_or(object(), member, ""); }
  std::string error() const {
    const json::object o = object();
    const json::object* e = json::get_object(o, "error");
    return e ? json::string_or(*e, "code", "") : "";
  }
};

using Fields = std::map<std::string, std::string>;

inline Awaitable<void> fetch(http::Client& client, std::shared_ptr<http::Connector> to, http::RequestHead head, std::string body,
                             Reply& reply) {
  http::Deadlines deadlines;
  deadlines.first_byte = deadlines.idle = std::chrono::seconds(20);
  auto answer = co_await client.send(to, head, body, deadlines);
  if (!answer) {
    reply.body = answer.error().text();
    co_return;
  }
  reply.status = (*answer)->head().status;
  reply.headers = (*answer)->head().headers;
  auto read = co_await (*answer)->read_all(64 * 1024 * 1024);
  if (read)
    reply.body = std::move(*read);
  else
    reply.body = "broken off: " + read.error().text();
}

/// Opens a WebSocket and reads its first message into `first`; says what went wrong in `error`.
inline Awaitable<void> open_socket(std::shared_ptr<http::Connector> to, http::RequestHead head, std::unique_ptr<http::WebSocket>& socket,
                                   std::string& first, std::string& error) {
  auto opened = co_await http::connect_websocket(to, head);
  if (!opened) {
    error = std::string(to_string(opened.error().code));
    co_return;
  }
  socket = std::move(*opened);
  auto text = co_await socket->read();
  if (text)
    first = *text;
  else
    error = std::string(to_string(text.error().code));
}

class RunningHub {
 public:
  /// `adjust` changes the configuration of every start.
  explicit RunningHub(std::function<void(HubConfig&)> adjust = {}) : adjust_(std::move(adjust)) {
    char path[] = "/tmp/flotte-hub-test-XXXXXX";
    data_ = ::mkdtemp(path);
    start();
  }
  ~RunningHub() {
    stop();
    loop_.stop();
    loop_.join();
    std::filesystem::remove_all(data_);
  }
  void start() {
    HubConfig config;
    config.name = "hub-under-test";
    config.data = data_;
    config.port = 0;
    config.loops = 2;
    if (adjust_) adjust_(config);
    auto opened = Hub::open(std::move(config));
    if (!opened) throw std::runtime_error(opened.error().text());
    hub_ = std::move(*opened);
    if (auto started = hub_->start(); !started) throw std::runtime_error(started.error().text());
    to_ = http::tcp_connector("127.0.0.1", hub_->config().port);
    admin_ = read_file(data_ + "/admin.key", 4096).value_or("");
    while (!admin_.empty() && admin_.back() == '\n') admin_.pop_back();
    if (!loop_running_) loop_.start();
    loop_running_ = true;
  }
  void stop() {
    if (!hub_) return;
    run(close_client());  // kept connections would be waited for
    hub_.reset();
  }

  Hub& operator*() { return *hub_; }
  Hub* operator->() { return hub_.get(); }
  const std::string& admin() const { return admin_; }
  std::string authority() const { return to_->authority(); }
  std::shared_ptr<http::Connector> connector() const { return to_; }
  Executor executor() { return loop_.executor(); }
  void run(Awaitable<void> work) {
    if (!run_blocking(loop_.executor(), std::move(work), std::chrono::seconds(30)))
      throw std::runtime_error("the client did not end in time");
  }
  std::future<void> begin(Awaitable<void> work) { return begin_on(loop_.executor(), std::move(work)); }

  /// `key` empty: none is sent.
  Reply ask(std::string method, std::string target, std::string body, const std::string& key, const Fields& fields = {}) {
    Reply reply;
    run(fetch(client_, to_, head_of(std::move(method), std::move(target), key, fields), std::move(body), reply));
    return reply;
  }
  Reply get(std::string target) { return ask("GET", std::move(target), "", admin_); }
  Reply post(std::string target, std::string body = "{}", const Fields& fields = {}) {
    return ask("POST", std::move(target), std::move(body), admin_, fields);
  }

  static http::RequestHead head_of(std::string method, std::string target, const std::string& key, const Fields& fields) {
    http::RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    if (!key.empty()) head.headers.set("authorization", "Bearer " + key);
    for (const auto& [name, value] : fields) head.headers.set(name, value);
    return head;
  }

 private:
  Awaitable<void> close_client() {
    client_.close();
    co_return;
  }

  std::function<void(HubConfig&)> adjust_;
  std::string data_, admin_;
  Loop loop_{"client"};
  bool loop_running_ = false;
  http::Client client_{loop_.executor()};
  std::unique_ptr<Hub> hub_;
  std::shared_ptr<http::Connector> to_;
};

/// The members of `names` that `object` lacks.
inline std::string missing(const json::object& object, std::initializer_list<std::string_view> names) {
  std::string out;
  for (const std::string_view name : names)
    if (!object.contains(name)) out += std::string(name) + " ";
  return out;
}

}  // namespace flotte::hub::testing
