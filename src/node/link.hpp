// The link to the hub: a WebSocket with a thread, a loop and a socket of its own, so that a busy worker never looks dead.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "http/websocket.hpp"
#include "node/membership.hpp"
#include "node/pace.hpp"
#include "wire/link.hpp"
#include "work/runner.hpp"

namespace flotte::node {

class HubLink final : public work::Link {
 public:
  struct Facts {
    std::string node;
    wire::HostInfo host;
    SigningKey key;
    HubAddress hub;
  };
  /// Called on the work loop, in the order in which the hub said it; `on_down` after the last message of a link.
  struct Events {
    std::function<void(const wire::ToNode&)> on_message;
    std::function<void()> on_down;
    std::function<void(const wire::RunId&, const Error&)> on_unreadable;  // an offer that this version cannot read
    std::function<void(const Error&)> on_away;  // on the link loop, in place of a log line that there is no link; may be absent
  };
  HubLink(Facts facts, Executor work, Events events);
  ~HubLink() override;

  void start();
  /// From the work loop. A message to a link that is down, or to the one after, is lost. Hello is completed here: name, signature, host; an
  /// announcement with the host.
  void send(const wire::ToHub& message) override;
  /// Sends what is queued and closes; the hub is not dialled until `dial`, at most so long, or until this machine has slept. Any thread.
  void rest(std::chrono::milliseconds at_most);
  /// The hub is dialled now, over a new connection: the machine woke up. Any thread.
  void dial();
  /// Facts of the machine from the next hello or announcement on. From the work loop.
  void set_host(wire::HostInfo host) { facts_.host = std::move(host); }
  /// Sends what is queued (at most `patience`), closes, ends the thread. From a third thread; no event is delivered afterwards.
  void finish(std::chrono::milliseconds patience);

 private:
  struct Connection {
    Connection(Executor executor, std::unique_ptr<http::WebSocket> s) : socket(std::move(s)), wake(executor), over(executor) {}
    std::unique_ptr<http::WebSocket> socket;
    std::deque<std::string> queue;
    Event wake, over;
    bool closing = false;  // after the queue
    std::int64_t number = 0;
    std::chrono::milliseconds lease{0};  // 0 until Welcome
    SteadyTime heard_at{};
    std::int64_t beats = 0;
    std::optional<Error> why;  // it was left by us
  };
  Awaitable<void> run();
  Awaitable<Result<void>> run_connection();
  Awaitable<void> write(std::shared_ptr<Connection> connection);
  Awaitable<void> beat(std::shared_ptr<Connection> connection);
  Awaitable<Result<void>> read(std::shared_ptr<Connection> connection);
  void hear(const std::shared_ptr<Connection>& connection, wire::ToNode message);
  void hear_challenge(const std::shared_ptr<Connection>& connection, const wire::Challenge& challenge);
  void hear_unreadable(const std::shared_ptr<Connection>& connection, const std::string& text, const Error& why);
  void report(const Error& error);
  Awaitable<void> run_rest();

  Facts facts_;
  Executor work_;
  Events events_;
  Loop loop_{"link"};
  Scope scope_;
  Event wake_;
  Backoff backoff_;
  bool started_ = false;
  // link loop
  std::shared_ptr<Connection> connection_;
  std::int64_t connections_ = 0;
  bool closing_ = false, welcomed_ = false;
  std::optional<SteadyTime> rests_until_;
  std::optional<SteadyTime> reported_at_;
  std::string reported_;
  // work loop
  std::int64_t current_ = 0;  // the connection whose messages were delivered last
  wire::Challenge challenge_;
};

}  // namespace flotte::node
