// Start and stop of a hub.
#include <algorithm>
#include <future>

#include "base/async/blocking.hpp"
#include "base/async/post.hpp"
#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "hub/call_journal.hpp"
#include "hub/hub.hpp"
#include "hub/key_accounts.hpp"
#include "hub/reach.hpp"
#include "route/usage_store.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::milliseconds drain_patience{5'000};
constexpr std::chrono::seconds last_answers{2};
constexpr std::size_t unix_path_limit = 100;  // sun_path has 108 bytes

/// What is too old is forgotten also while nobody calls.
Awaitable<void> forget_old_calls(route::Gateway& gateway, milliseconds step) {
  for (;;) {
    const bool slept = co_await sleep_for(step);
    if (!slept) co_return;
    gateway.recorder().expire();
  }
}

Awaitable<void> drain_loop(GatewayLoop& loop) {
  loop.gateway.drain();
  co_await loop.server.drain(drain_patience);
  // The connections are closed now; handlers that were in the middle of something find out and end.
  const auto end = std::chrono::steady_clock::now() + last_answers;
  while (loop.server.counts().active_requests > 0 && std::chrono::steady_clock::now() < end) {
    const bool slept = co_await sleep_for(std::chrono::milliseconds(5));
    if (!slept) break;
  }
  co_await loop.gateway.close();
  co_await loop.scope.close();
}

Awaitable<void> close_fleet(NodeLinks& links, Live& live, Scope& scope) {
  co_await links.close();
  co_await live.close();
  co_await scope.close();
}

}  // namespace

Result<void> Hub::start() {
  if (auto listening = listen(); !listening) return listening;
  const std::string socket = config_.data + "/hub.sock";
  auto connector = http::tcp_connector(is_every_address(config_.host) ? "127.0.0.1" : config_.host, config_.port);
  if (socket.size() < unix_path_limit) {
    auto bound = loops_.front()->server.listen({.host = {}, .port = 0, .unix_path = socket});
    if (!bound) return pass(bound);
    connector = http::unix_connector(socket);
  }
  home_ = std::make_unique<Home>(
      Home::Options{config_.data, connector, fleet_loop_.executor(), config_.options.find, url(), config_.command_limits}, *fleet_, blobs_,
      *pool_);
  std::function<Result<std::shared_ptr<const access::Keyring>>(store::Transaction&)> load = access::Keyring::load;
  std::promise<Result<std::shared_ptr<const access::Keyring>>> loaded;
  store_->post_read<std::shared_ptr<const access::Keyring>>(std::move(load), [&](auto ring) { loaded.set_value(std::move(ring)); });
  auto keys = loaded.get_future().get();
  if (!keys) return pass(keys);
  if (const auto* admin = (*keys)->find(admin_secret_.reveal())) admin_key_id_ = admin->id;
  const auto accounts = accounts_.use(account_entries(**keys));
  use_shares(owner_weights(**keys), config_.routes.project_weights);
  if (auto remembered = remember_spending(); !remembered) return remembered;
  std::vector<route::UsageRing*> rings;
  for (const auto& loop : loops_) {
    loop->authenticator.use(*keys, 0, accounts);
    rings.push_back(&loop->usage);
  }
  fleet_loop_.post([this, rings] {
    fleet_->set_watcher(watcher_.get());
    fleet_->start();
    live_->start();
    rebuild_models();
    fleet_scope_.spawn("ticks", fleet_->run_ticks());
    fleet_scope_.spawn("usage", route::run_usage_writer(*store_, rings));
    fleet_scope_.spawn("journal", keep_journal(*store_, {}));
  });
  running_ = true;
  fleet_loop_.start();
  const milliseconds forgetting = std::clamp(config_.recorder.age / 4, milliseconds(1'000), milliseconds(60'000));
  for (const auto& loop : loops_) {
    loop->loop.post([l = loop.get(), forgetting] { l->scope.spawn("recorder", forget_old_calls(l->gateway, forgetting)); });
    loop->loop.start();
  }
  if (auto started = home_->start(); !started) return started;
  return start_engines();
}

void Hub::stop(work::Away how) {
  if (!running_ || draining_.exchange(true)) return;
  changes_.close();  // event streams end; who follows one comes back to the next hub
  home_->stop(how);
  std::vector<std::future<void>> drained;
  for (const auto& loop : loops_) drained.push_back(begin_on(loop->loop.executor(), drain_loop(*loop)));
  const auto end = std::chrono::steady_clock::now() + drain_patience + 2 * last_answers;
  for (const auto& loop : drained)
    if (loop.wait_until(end) != std::future_status::ready) log::error("a gateway loop did not end in time");
  if (engines_) engines_->stop();  // after the gateways: answers under way were given
  // After the gateways: the last calls' usage is still written.
  if (!run_blocking(fleet_loop_.executor(), close_fleet(*links_, *live_, fleet_scope_), drain_patience))
    log::error("the fleet loop did not end in time");
  for (const auto& loop : loops_) {
    loop->loop.stop();
    loop->loop.join();
  }
  fleet_loop_.stop();
  fleet_loop_.join();
}

Hub::~Hub() {
  stop();
  // Streams, blocking calls and closures of the store all answer to the loops' contexts, which are there until the members go.
  spares_->close();
  pool_.reset();
  store_.reset();
}

}  // namespace flotte::hub
