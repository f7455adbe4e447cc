// Keeping a link to the hub.
#include "node/link.hpp"

#include <fmt/format.h>

#include <future>

#include "base/async/post.hpp"
#include "base/log.hpp"
#include "base/places.hpp"

namespace flotte::node {
namespace {
using namespace std::chrono_literals;
constexpr auto connect_patience = 10s;
constexpr auto welcome_patience = 20s;
constexpr auto say_again = 60s;  // that the hub is away
constexpr auto rest_step = 500ms;
constexpr auto overslept = 3s;  // woken so much later than asked for: the machine slept
constexpr std::size_t most_queued = 100'000;

/// What a node signs; access::link_text on the hub's side, which a node does not include.
std::string link_text(const wire::Challenge& challenge, std::string_view node) {
  return fmt::format("flotte-link-1\n{}\n{}\n{}", challenge.nonce, challenge.hub, node);
}
}  // namespace

HubLink::HubLink(Facts facts, Executor work, Events events)
    : facts_(std::move(facts)),
      work_(work),
      events_(std::move(events)),
      scope_(loop_.executor(), "link"),
      wake_(loop_.executor()),
      backoff_(random_seed()) {}

HubLink::~HubLink() { loop_.stop(); }

void HubLink::start() {
  started_ = true;
  scope_.spawn("link", run());
  loop_.start();
}

void HubLink::send(const wire::ToHub& message) {
  std::string text;
  if (const auto* hello = std::get_if<wire::Hello>(&message)) {
    wire::Hello whole = *hello;
    whole.node = facts_.node;
    whole.protocol = std::min(wire::link_protocol, challenge_.protocol);
    whole.public_key = to_base64url(facts_.key.public_key());
    whole.signature = to_base64url(facts_.key.sign(link_text(challenge_, facts_.node)));
    whole.host = facts_.host;
    text = wire::format(wire::ToHub(std::move(whole)));
  } else if (const auto* announce = std::get_if<wire::Announce>(&message)) {
    wire::Announce whole = *announce;
    whole.host = facts_.host;
    text = wire::format(wire::ToHub(std::move(whole)));
  } else {
    text = wire::format(message);
  }
  post_to(loop_.executor(), [this, number = current_, text = std::move(text)]() mutable {
    if (!connection_ || connection_->number != number || connection_->queue.size() >= most_queued) return;
    connection_->queue.push_back(std::move(text));
    connection_->wake.set();
  });
}

void HubLink::rest(std::chrono::milliseconds at_most) {
  post_to(loop_.executor(), [this, at_most] {
    rests_until_ = system_clock().steady() + at_most;
    if (!connection_) return;
    connection_->closing = true;
    connection_->wake.set();
  });
}

void HubLink::dial() {
  post_to(loop_.executor(), [this] {
    rests_until_.reset();
    backoff_.reset();
    wake_.set();
    if (connection_) connection_->socket->close();
  });
}

void HubLink::finish(std::chrono::milliseconds patience) {
  if (!started_) return;
  auto done = std::make_shared<std::promise<void>>();
  auto ended = done->get_future();
  post_to(loop_.executor(), [this, done] {
    closing_ = true;
    wake_.set();
    if (connection_) {
      connection_->closing = true;
      connection_->wake.set();
    }
    done->set_value();
  });
  ended.wait();
  const auto end = std::chrono::steady_clock::now() + patience;
  auto still_runs = [this] {
    auto asked = std::make_shared<std::promise<bool>>();
    auto answer = asked->get_future();
    post_to(loop_.executor(), [this, asked] { asked->set_value(scope_.size() > 0); });
    return answer.get();
  };
  while (still_runs() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  loop_.stop();
  loop_.join();
}

void HubLink::report(const Error& error) {
  const SteadyTime now = system_clock().steady();
  if (reported_at_ && reported_ == error.message && now - *reported_at_ < say_again) return;
  reported_at_ = now;
  reported_ = error.message;
  if (events_.on_away) return events_.on_away(error);
  log::warning("no link to the hub; trying again", {{"hub", facts_.hub.url}, {"error", error.text()}});
}

Awaitable<void> HubLink::run() {
  while (!closing_) {
    welcomed_ = false;
    auto ended = co_await run_connection();
    if (closing_) co_return;
    if (welcomed_) {
      backoff_.reset();
      reported_at_.reset();
    }
    if (rests_until_) {
      co_await run_rest();
      continue;
    }
    report(ended ? Error(Code::closed, "the hub closed the link") : ended.error());
    wake_.reset();
    co_await wake_.wait_for(backoff_.next());
  }
}

/// Until somebody dials, the time is over, or the machine has slept: then it sleeps no more.
Awaitable<void> HubLink::run_rest() {
  while (rests_until_ && !closing_) {
    const SteadyTime before = system_clock().steady();
    if (before >= *rests_until_) break;
    wake_.reset();
    const auto step = std::min<std::chrono::milliseconds>(rest_step, *rests_until_ - before);
    co_await wake_.wait_for(step);
    if (scope_.cancelled() || system_clock().steady() - before > step + overslept) break;
  }
  rests_until_.reset();
}

Awaitable<Result<void>> HubLink::run_connection() {
  http::RequestHead head;
  head.method = "GET";
  head.target = facts_.hub.base_path + "/fleet/v1/node";
  Awaitable<Result<std::unique_ptr<http::WebSocket>>> connecting = http::connect_websocket(facts_.hub.connector, std::move(head));
  auto socket = co_await with_deadline(connect_patience, std::move(connecting));
  if (!socket) co_return pass(socket);
  auto connection = std::make_shared<Connection>(loop_.executor(), std::move(*socket));
  connection->number = ++connections_;
  connection->heard_at = system_clock().steady();
  connection_ = connection;
  scope_.spawn("writer", write(connection));
  scope_.spawn("beat", beat(connection));
  Awaitable<Result<void>> reading = read(connection);
  auto ended = co_await std::move(reading);
  connection_.reset();
  connection->over.set();
  connection->closing = true;
  connection->wake.set();
  connection->socket->close();
  post_to(work_, [this] { events_.on_down(); });
  if (connection->why) co_return Failure(*connection->why);
  co_return ended;
}

Awaitable<Result<void>> HubLink::read(std::shared_ptr<Connection> connection) {
  for (;;) {
    auto text = co_await connection->socket->read();
    if (!text && text.error().code == Code::closed) co_return Result<void>();
    if (!text) co_return pass(text);
    auto message = wire::parse_to_node(*text);
    if (message)
      hear(connection, std::move(*message));
    else
      hear_unreadable(connection, *text, message.error());
  }
}

/// A newer hub may say what this version does not know. An offer is answered, so that it goes to somebody else; anything else is passed
/// over.
void HubLink::hear_unreadable(const std::shared_ptr<Connection>& connection, const std::string& text, const Error& why) {
  connection->heard_at = system_clock().steady();
  log::warning("the hub said something unknown", {{"error", why.message}});
  const auto run = wire::run_of_offer(text);
  if (!run) return;
  post_to(work_, [this, number = connection->number, run = *run, why] {
    if (current_ == number && events_.on_unreadable) events_.on_unreadable(run, why);
  });
}

/// Hub and node may be one protocol apart; further apart one of them must be brought up to date, which it says.
void HubLink::hear_challenge(const std::shared_ptr<Connection>& connection, const wire::Challenge& challenge) {
  const std::string hub = challenge.version.empty() ? std::string("an older flotte") : "flotte " + challenge.version;
  if (challenge.oldest > wire::link_protocol)
    connection->why =
        Error(Code::unsupported,
              fmt::format("this node is too old: it is flotte {} (link protocol {}), the hub is {} and speaks protocols {} to {}",
                          FLOTTE_VERSION, wire::link_protocol, hub, challenge.oldest, challenge.protocol),
              fmt::format("install {} here and start the node again; what it runs goes on meanwhile", hub));
  if (challenge.protocol < wire::oldest_link_protocol)
    connection->why = Error(Code::unsupported,
                            fmt::format("this node is too new: it is flotte {} and needs link protocol {}, the hub is {} and speaks {}",
                                        FLOTTE_VERSION, wire::oldest_link_protocol, hub, challenge.protocol),
                            "bring the hub up to date first, or install the hub's version here");
  if (connection->why) connection->socket->close();
}

/// On the link loop; what is not about the link itself goes on to the work loop.
void HubLink::hear(const std::shared_ptr<Connection>& connection, wire::ToNode message) {
  connection->heard_at = system_clock().steady();
  if (std::holds_alternative<wire::BeatAnswer>(message)) return;
  if (const auto* challenge = std::get_if<wire::Challenge>(&message)) {
    hear_challenge(connection, *challenge);
    if (connection->why) return;
  }
  // A hub that does not take this node as it is says why before it closes.
  if (const auto* stop = std::get_if<wire::Stop>(&message); stop && !stop->revoked && !welcomed_ && !stop->message.empty())
    connection->why = Error(Code::unsupported, stop->message);
  if (const auto* welcome = std::get_if<wire::Welcome>(&message)) {
    welcomed_ = true;
    connection->lease = std::chrono::milliseconds(std::max<std::int64_t>(welcome->lease_ms, 300));
    log::info("linked", {{"hub", welcome->hub}, {"node", welcome->node}, {"epoch", welcome->epoch}});
  }
  post_to(work_, [this, number = connection->number, message = std::move(message)] {
    current_ = number;
    if (const auto* challenge = std::get_if<wire::Challenge>(&message)) challenge_ = *challenge;
    events_.on_message(message);
  });
}

Awaitable<void> HubLink::write(std::shared_ptr<Connection> connection) {
  for (;;) {
    while (!connection->queue.empty()) {
      const std::string text = std::move(connection->queue.front());
      connection->queue.pop_front();
      auto sent = co_await connection->socket->send(text);
      if (!sent) {
        connection->socket->close();
        co_return;
      }
    }
    if (connection->closing) break;
    connection->wake.reset();
    if (!co_await connection->wake.wait()) co_return;
  }
  connection->socket->close();
}

/// A beat at a third of the lease. A hub of which nothing was heard for one lease is away, whatever its socket says; so is one that
/// never says welcome.
Awaitable<void> HubLink::beat(std::shared_ptr<Connection> connection) {
  while (!connection->closing) {
    const auto patience = connection->lease.count() > 0 ? connection->lease : std::chrono::milliseconds(welcome_patience);
    const auto pause = connection->lease.count() > 0 ? connection->lease / 3 : std::chrono::milliseconds(100);
    const bool over = co_await connection->over.wait_for(pause);
    if (over || connection->closing || scope_.cancelled()) co_return;
    if (system_clock().steady() - connection->heard_at > patience) {
      connection->why = Error(Code::deadline, fmt::format("the hub said nothing for {} s", patience.count() / 1000.0));
      connection->socket->close();
      co_return;
    }
    if (connection->lease.count() == 0) continue;
    connection->queue.push_back(wire::format(wire::ToHub(wire::Beat{++connection->beats, load_average()})));
    connection->wake.set();
  }
}

}  // namespace flotte::node
