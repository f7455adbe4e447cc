// Reading and writing nodes' links.
#include "hub/node_links.hpp"

#include <deque>

#include "base/async/post.hpp"
#include "base/async/wait.hpp"
#include "base/log.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds greeting_patience{15};

class Link final : public fleet::NodeConnection {
 public:
  Link(Executor executor, std::unique_ptr<http::WebSocket> socket) : socket(std::move(socket)), wake(executor) {}
  void send(wire::ToNode message) override {
    if (closing) return;
    queue.push_back(wire::format(message));
    wake.set();
  }
  void close(std::string why) override {
    if (closing) return;
    reason = std::move(why);
    closing = true;
    wake.set();
  }

  std::unique_ptr<http::WebSocket> socket;
  std::deque<std::string> queue;
  Event wake;
  bool closing = false;
  bool stranger = true;  // has not said anything yet
  std::string reason;
};

/// Sends what is queued; after `close`, what is left, and then the goodbye.
Awaitable<void> run_writer(std::shared_ptr<Link> link) {
  for (;;) {
    while (!link->queue.empty()) {
      const std::string text = std::move(link->queue.front());
      link->queue.pop_front();
      auto sent = co_await link->socket->send(text);
      if (!sent) co_return link->socket->close();
    }
    if (link->closing) co_return link->socket->close();
    link->wake.reset();
    if (!co_await link->wake.wait()) co_return;
  }
}

/// Reads until the link ends, one message after the other. Whoever says nothing at first is no node.
Awaitable<void> read_messages(fleet::Fleet& fleet, std::shared_ptr<Link> link, std::size_t& strangers) {
  auto text = co_await with_deadline(greeting_patience, link->socket->read());
  if (text) {
    --strangers;
    link->stranger = false;
  }
  while (text && !link->closing) {
    auto message = wire::parse_to_hub(*text);
    if (!message) {
      log::warning("a node said something unknown", {{"peer", link->socket->peer()}, {"error", message.error().message}});
      co_return;
    }
    fleet.on_message(*link, *message);
    text = co_await link->socket->read();
  }
}

Awaitable<void> run_link(fleet::Fleet& fleet, std::shared_ptr<Link> link, std::size_t& strangers) {
  fleet.attach(*link, fleet::Fleet::Trust::signature);
  std::exception_ptr cancelled;
  try {
    co_await read_messages(fleet, link, strangers);
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (!link->reason.empty()) log::info("link closed", {{"peer", link->socket->peer()}, {"reason", link->reason}});
  link->closing = true;
  link->wake.set();
  link->socket->close();
  if (link->stranger) --strangers;
  fleet.on_closed(*link);
  if (cancelled) std::rethrow_exception(cancelled);
}

}  // namespace

void NodeLinks::take(std::unique_ptr<http::WebSocket> socket) {
  auto held = std::make_shared<std::unique_ptr<http::WebSocket>>(std::move(socket));
  post_to(scope_.executor(), [this, held] {
    if (scope_.cancelled()) return;
    if (strangers_ >= strangers_limit) {
      log::warning("a link was refused: too many have not said who they are", {{"peer", (*held)->peer()}});
      return (*held)->close();
    }
    ++strangers_;
    auto link = std::make_shared<Link>(scope_.executor(), std::move(*held));
    scope_.spawn("link writer", run_writer(link));
    scope_.spawn("link", run_link(fleet_, link, strangers_));
  });
}

}  // namespace flotte::hub
