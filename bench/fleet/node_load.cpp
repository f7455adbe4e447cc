// Many nodes in one process: each enrols with an invitation of its own, links, announces its workers, keeps the spare streams that the hub
// asks for, and beats as the hub's lease says. Whatever is offered is done at once.
// usage: node_load WORKERS [KIND SLOTS] < JOIN_LINES      prints "linked N" when all are; ends by a signal
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "http/websocket.hpp"
#include "node/membership.hpp"
#include "node/streams.hpp"
#include "wire/link.hpp"

namespace flotte::bench {
namespace {

using namespace std::chrono_literals;

void die(const std::string& why) {
  std::fprintf(stderr, "node_load: %s\n", why.c_str());
  std::_Exit(1);
}

struct Counts {
  int wanted = 0, linked = 0;
};

/// What each node announces.
struct Workers {
  int count = 10, slots = 1;
  std::string kind = "agent";
};

class Node {
 public:
  Node(Executor executor, http::Client& client, std::string name, const Workers& workers, Counts& counts)
      : executor_(executor),
        client_(client),
        name_(std::move(name)),
        workers_(workers),
        counts_(counts),
        wake_(executor),
        scope_(executor, name_) {}

  Awaitable<void> run(std::string join) {
    auto invitation = node::Invitation::parse(join);
    if (!invitation) die(invitation.error().text());
    auto member = co_await node::enrol(client_, *invitation, name_, key_.public_key());
    if (!member) die(member.error().text());
    auto address = node::HubAddress::make(member->hub_url, member->pin);
    if (!address) die(address.error().text());
    streams_ = std::make_unique<node::SpareStreams>(executor_, client_, *address, name_, no_engine);
    http::RequestHead head;
    head.method = "GET";
    head.target = "/fleet/v1/node";
    auto socket = co_await http::connect_websocket(address->connector, std::move(head));
    if (!socket) die(socket.error().text());
    socket_ = std::move(*socket);
    scope_.spawn("writer", write());
    for (;;) {
      auto text = co_await socket_->read();
      if (!text) die(name_ + ": " + text.error().text());
      auto message = wire::parse_to_node(*text);
      if (!message) die(message.error().text());
      hear(*message);
    }
  }

 private:
  static std::shared_ptr<http::Connector> no_engine(const std::string&) { return nullptr; }

  void say(wire::ToHub message) {
    queue_.push_back(wire::format(message));
    wake_.set();
  }
  Awaitable<void> write() {
    for (;;) {
      while (!queue_.empty()) {
        const std::string text = std::move(queue_.front());
        queue_.pop_front();
        auto sent = co_await socket_->send(text);
        if (!sent) die(name_ + ": " + sent.error().text());
      }
      wake_.reset();
      const bool woken = co_await wake_.wait();
      if (!woken) co_return;
    }
  }
  Awaitable<void> beat(std::chrono::milliseconds lease) {
    for (std::int64_t number = 1;; ++number) {
      const bool rested = co_await sleep_for(lease / 3);
      if (!rested) co_return;
      say(wire::Beat{number, 0.1});
    }
  }

  void hear(const wire::ToNode& message) {
    if (const auto* challenge = std::get_if<wire::Challenge>(&message)) greet(*challenge);
    if (const auto* spares = std::get_if<wire::Spares>(&message)) streams_->on_spares(spares->keep, spares->now);
    if (const auto* offer = std::get_if<wire::Offer>(&message)) finish(offer->run);
    if (const auto* stop = std::get_if<wire::Stop>(&message)) die(name_ + " was told to stop: " + stop->message);
    if (const auto* welcome = std::get_if<wire::Welcome>(&message)) {
      streams_->on_welcome(welcome->ticket, welcome->spares, welcome->name);
      scope_.spawn("beat", beat(std::chrono::milliseconds(welcome->lease_ms)));
      if (++counts_.linked < counts_.wanted) return;
      std::printf("linked %d\n", counts_.linked);
      std::fflush(stdout);
    }
  }
  void greet(const wire::Challenge& challenge) {
    wire::Hello hello;
    hello.protocol = std::min(wire::link_protocol, challenge.protocol);
    hello.node = name_;
    hello.public_key = to_base64url(key_.public_key());
    // What a node signs; access::link_text on the hub's side.
    hello.signature = to_base64url(key_.sign(fmt::format("flotte-link-1\n{}\n{}\n{}", challenge.nonce, challenge.hub, name_)));
    hello.host.hostname = name_;
    hello.host.os = "Linux";
    hello.host.arch = "x86_64";
    hello.host.version = "0.1.0";
    hello.host.cpus = 8;
    hello.host.memory_mb = 16'000;
    hello.host.labels = {"laptop", "office"};
    for (int i = 0; i < workers_.count; ++i) {
      wire::WorkerInfo worker;
      worker.name = fmt::format("worker-{}", i);
      worker.kind = workers_.kind;
      worker.slots = workers_.slots;
      if (worker.kind == "agent") worker.model = "claude";
      worker.labels = {"git"};
      hello.workers.push_back(std::move(worker));
    }
    hello.instance = 1;
    say(std::move(hello));
  }
  void finish(const wire::RunId& run) {
    say(wire::Accept{run});
    wire::Finished finished;
    finished.outcome = "succeeded";
    finished.result = json::object{{"text", "done"}};
    wire::Records records;
    records.items.push_back({++records_, run, wire::RecordKind::finished, 0, finished.to_json()});
    say(std::move(records));
  }

  Executor executor_;
  http::Client& client_;
  std::string name_;
  const Workers& workers_;
  Counts& counts_;
  Event wake_;
  Scope scope_;
  SigningKey key_ = SigningKey::make();
  std::unique_ptr<node::SpareStreams> streams_;
  std::unique_ptr<http::WebSocket> socket_;
  std::deque<std::string> queue_;
  std::int64_t records_ = 0;
};

/// One after the other: what the hub needs at its peak is another question than what it needs for them all.
Awaitable<void> start(Scope& scope, std::vector<std::unique_ptr<Node>>& nodes, std::vector<std::string> joins) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    scope.spawn("node", nodes[i]->run(joins[i]));
    co_await sleep_for(10ms);
  }
}

int run(const Workers& workers) {
  log::set_level(log::Level::error);
  std::vector<std::string> joins;
  for (std::string line; std::getline(std::cin, line);)
    if (!line.empty()) joins.push_back(line);
  Loop loop("nodes");
  http::Client client(loop.executor());
  Scope scope(loop.executor(), "nodes");
  Counts counts;
  counts.wanted = static_cast<int>(joins.size());
  std::vector<std::unique_ptr<Node>> nodes;
  for (std::size_t i = 0; i < joins.size(); ++i)
    nodes.push_back(std::make_unique<Node>(loop.executor(), client, fmt::format("box-{}", i), workers, counts));
  loop.post([&] { scope.spawn("start", start(scope, nodes, joins)); });
  loop.run_here();
  return 0;
}

}  // namespace
}  // namespace flotte::bench

int main(int argc, char** argv) {
  flotte::bench::Workers workers;
  if (argc > 1) workers.count = std::atoi(argv[1]);
  if (argc > 3) workers.kind = argv[2];
  if (argc > 3) workers.slots = std::atoi(argv[3]);
  return flotte::bench::run(workers);
}
