// Construction, wiring, start and stop of a hub.
#include "hub/hub.hpp"

#include <fmt/format.h>

#include "access/migrations.hpp"
#include "base/async/blocking.hpp"
#include "base/async/post.hpp"
#include "base/async/wait.hpp"
#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "fleet/migrations.hpp"
#include "hub/access_log.hpp"
#include "hub/api.hpp"
#include "hub/call_journal.hpp"
#include "hub/key_accounts.hpp"
#include "hub/reach.hpp"
#include "hub/static_files.hpp"
#include "route/migrations.hpp"
#include "route/usage_store.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::milliseconds drain_patience{5'000};
constexpr std::size_t unix_path_limit = 100;  // sun_path has 108 bytes

/// Every table of the hub's database, by the features that own them.
std::vector<store::Migration> all_migrations() {
  std::vector<store::Migration> all;
  for (const auto list : {fleet::migrations(), route::migrations(), access::migrations()}) all.insert(all.end(), list.begin(), list.end());
  return all;
}

/// The fleet's watcher is a port; what it tells is the hub's business.
class Watcher final : public fleet::Watcher {
 public:
  using Tell = std::function<void(std::string_view, const std::string&)>;
  explicit Watcher(Tell tell) : tell_(std::move(tell)) {}
  void changed(std::string_view kind, const std::string& id) override { tell_(kind, id); }

 private:
  Tell tell_;
};

}  // namespace

GatewayLoop::GatewayLoop(Hub& hub, int index, std::shared_ptr<route::Journal> journal, route::GatewayOptions options)
    : loop(fmt::format("gateway-{}", index)),
      scope(loop.executor(), "gateway"),
      client(loop.executor()),
      gateway(loop.executor(), client, usage, std::move(journal), std::move(options)),
      server(loop.executor(), [&hub, this](http::ServerCall& call) { return hub.answer(*this, call); }),
      authenticator(hub.tickets()) {}

Result<std::unique_ptr<Hub>> Hub::open(HubConfig config) {
  if (auto made = make_directories(config.data); !made) return pass(made);
  store::Options options;
  options.path = config.data + "/flotte.db";
  auto database = store::Store::open(std::move(options), all_migrations());
  if (!database) return pass(database);
  auto blobs = store::Blobs::open(config.data + "/blobs");
  if (!blobs) return pass(blobs);
  std::unique_ptr<LineLog> access_log;
  if (config.access_log != "off") {
    auto opened = LineLog::open(config.access_log);
    if (!opened) return pass(opened, "the access log");
    access_log = std::move(*opened);
  }
  auto tickets = access::Tickets::load(config.data + "/hub.secret");
  if (!tickets) return pass(tickets);
  auto providers =
      Providers::load(**database, config.data, tickets->derived_key("keys of providers"), {config.routes, config.environment_providers});
  if (!providers) return pass(providers);
  config.routes = (*providers)->effective();
  std::unique_ptr<Hub> hub(new Hub(std::move(config), std::move(*tickets), std::move(*database), std::move(*blobs)));
  hub->providers_ = std::move(*providers);
  hub->access_log_ = std::move(access_log);
  if (auto made = hub->make_admin_key(); !made) return pass(made);
  return hub;
}

Hub::Hub(HubConfig config, access::Tickets tickets, std::unique_ptr<store::Store> database, store::Blobs blobs)
    : config_(std::move(config)),
      tickets_(std::move(tickets)),
      store_(std::move(database)),
      blobs_(std::move(blobs)),
      fleet_scope_(fleet_loop_.executor(), "fleet"),
      credentials_(tickets_),
      router_(routes()) {
  wire();
}

void Hub::wire() {
  const Executor executor = fleet_loop_.executor();
  fleet::FleetOptions options;
  options.hub = config_.name;
  options.policy.lease = config_.node_lease;
  options.policy.suspend_grace = config_.suspend_grace;
  options.seed = random_seed();
  options.spares = 4;
  options.keep_text = [this](std::string_view text) { return blobs_.put(text); };
  options.read_text = [this](std::string_view blob, std::size_t limit) { return blobs_.get(blob, limit); };
  options.make_nonce = [] { return random_token(24); };
  fleet_ = std::make_unique<fleet::Fleet>(
      *store_, credentials_, [executor](std::function<void()> work) { post_to(executor, std::move(work)); }, std::move(options));
  fleet_->set_capacity(&capacity_);
  spares_ = std::make_shared<Spares>(
      [this, executor](const std::string& node) { post_to(executor, [this, node] { fleet_->set_spares(node, 4, 2); }); });
  live_ = std::make_unique<Live>(executor, *fleet_, [this] {
    return json::object{{"name", config_.name}, {"version", FLOTTE_VERSION}, {"started_at", to_rfc3339(started_at_)}};
  });
  models_ = std::make_unique<Models>(
      config_.routes, config_.workers, spares_,
      [this](std::shared_ptr<const route::Table> table) {
        capacity_.use(table);
        for (const auto& loop : loops_)
          loop->loop.post([l = loop.get(), table] {
            l->table = table;
            l->gateway.publish(table);
            if (l->prober) l->prober->publish(table);
          });
      },
      [this](std::vector<wire::WorkerInfo> workers) { home_->announce(std::move(workers)); });
  links_ = std::make_unique<NodeLinks>(executor, *fleet_);
  watcher_ = std::make_unique<Watcher>([this](std::string_view kind, const std::string& id) { on_change(kind, id); });
  const auto journal = make_journal(*store_, *fleet_, draining_);
  route::GatewayOptions gateway;
  gateway.hub_id = random_token(9);
  gateway.recorder = config_.recorder.shared_by(static_cast<std::size_t>(std::max(config_.loops, 1)));
  gateway.note_last = config_.access_log != "off";
  for (int i = 0; i < config_.loops; ++i) loops_.push_back(std::make_unique<GatewayLoop>(*this, i, journal, gateway));
  GatewayLoop& first = *loops_.front();
  first.prober = std::make_unique<route::Prober>(first.client, gateway.hub_id);
  first.loop.post([l = &first] { l->scope.spawn("prober", l->prober->run()); });
}

void Hub::on_change(std::string_view kind, const std::string& id) {
  live_->changed(kind, id);
  if (kind == "task") changes_.notify(id);
  if (kind != "node" || rebuild_planned_) return;
  rebuild_planned_ = true;
  post_to(fleet_loop_.executor(), [this] { rebuild_models(); });
}

void Hub::rebuild_models() {
  rebuild_planned_ = false;
  const auto nodes = fleet_->nodes();
  for (const auto& node : nodes) {
    if (node.state == "linked" || node.state == "draining" || node.home) continue;
    credentials_.forget(node.name);
    spares_->drop(node.name);
  }
  models_->rebuild(nodes);
}

Result<void> Hub::make_admin_key() {
  const std::string path = config_.data + "/admin.key";
  auto text = read_file(path, 4096);
  if (!text && text.error().code != Code::not_found) return pass(text);
  std::string secret = text ? *text : "";
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == ' ')) secret.pop_back();
  const bool fresh = secret.empty();
  if (fresh) secret = "fk_" + random_token(32);
  if (!access::is_own_key(secret))
    return fail(Code::corrupt, path + " holds no key of flotte's", "remove it; a new one is made at the next start");
  admin_secret_ = Secret(secret);
  std::optional<Result<void>> adopted;
  std::promise<void> done;
  std::function<Result<void>(store::Transaction&)> adopt = [secret](store::Transaction& tx) {
    return access::adopt_key(tx, "admin", access::Scopes{true, true, true, true}, secret);
  };
  store_->post_write<void>(std::move(adopt), [&](Result<void> r) {
    adopted = std::move(r);
    done.set_value();
  });
  done.get_future().wait();
  if (!*adopted) return *adopted;
  return fresh ? replace_file(path, secret + "\n", 0600) : Result<void>{};
}

/// Budgets go on where the last hub on this database left them.
Result<void> Hub::remember_spending() {
  const WallTime now = system_clock().wall();
  using Rows = std::vector<route::Spending>;
  std::promise<Result<Rows>> loaded;
  std::function<Result<Rows>(store::Transaction&)> load = [now](store::Transaction& tx) { return route::load_spending(tx, now); };
  store_->post_read<Rows>(std::move(load), [&](Result<Rows> rows) { loaded.set_value(std::move(rows)); });
  auto rows = loaded.get_future().get();
  if (!rows) return pass(rows);
  accounts_.remember(*rows, now);
  return {};
}

void Hub::use_shares(std::optional<Weights> owners, std::optional<Weights> projects) {
  const std::lock_guard lock(shares_mutex_);
  if (owners) shares_.owners = std::move(*owners);
  if (projects) shares_.projects = std::move(*projects);
  fleet_->use(shares_);
}

Awaitable<Result<void>> Hub::reload_keys() {
  // Counted before reading: the ring with the highest number holds the changes of all that were counted before it.
  const std::uint64_t version = ++keys_version_;
  std::function<Result<std::shared_ptr<const access::Keyring>>(store::Transaction&)> load = access::Keyring::load;
  auto ring = co_await store_->read<std::shared_ptr<const access::Keyring>>(std::move(load));
  if (!ring) co_return pass(ring);
  const auto accounts = accounts_.use(account_entries(**ring));
  use_shares(owner_weights(**ring), std::nullopt);
  for (const auto& loop : loops_)
    loop->loop.post([l = loop.get(), keys = *ring, version, accounts] { l->authenticator.use(keys, version, accounts); });
  co_return Result<void>{};
}

namespace {

/// What is too old is forgotten also while nobody calls.
Awaitable<void> forget_old_calls(route::Gateway& gateway, milliseconds step) {
  for (;;) {
    const bool slept = co_await sleep_for(step);
    if (!slept) co_return;
    gateway.recorder().expire();
  }
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
  home_ = std::make_unique<Home>(Home::Options{config_.data, connector, fleet_loop_.executor(), config_.options.find, url(), config_.command_limits}, *fleet_, blobs_, *pool_);
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

std::string Hub::make_admin_code() { return admin_key_id_.empty() ? std::string() : codes_.make(admin_key_id_, system_clock().wall()); }

namespace {

constexpr std::chrono::seconds last_answers{2};

Awaitable<void> drain_loop(GatewayLoop& loop) {
  loop.gateway.drain();
  co_await loop.server.drain(drain_patience);
  // The connections are closed now; handlers that were in the middle of something find out and end.
  const auto end = std::chrono::steady_clock::now() + last_answers;
  while (loop.server.counts().active_requests > 0 && std::chrono::steady_clock::now() < end)
    if (!co_await sleep_for(std::chrono::milliseconds(5))) break;
  co_await loop.gateway.close();
  co_await loop.scope.close();
}

Awaitable<void> close_fleet(NodeLinks& links, Live& live, Scope& scope) {
  co_await links.close();
  co_await live.close();
  co_await scope.close();
}

}  // namespace

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

namespace {

/// "/k/KEY/v1/models" taken apart, for clients that cannot send a key; other paths stay whole.
struct KeyInPath {
  std::string_view key, rest;
};

KeyInPath key_in_path(std::string_view path) {
  constexpr std::string_view prefix = "/k/";
  if (!path.starts_with(prefix)) return {{}, path};
  const std::size_t slash = path.find('/', prefix.size());
  if (slash == std::string_view::npos || slash == prefix.size()) return {{}, path};
  return {path.substr(prefix.size(), slash - prefix.size()), path.substr(slash)};
}

/// The key in the path is the only one that counts: the headers are somebody's habit there.
Result<std::shared_ptr<const Caller>> authenticate_by_path(Authenticator& authenticator, std::string_view key) {
  http::RequestHead head;
  head.headers.set("x-api-key", key);
  return authenticator.authenticate(head);
}

}  // namespace

Awaitable<void> Hub::answer_unmatched(http::ServerCall& call, bool path_known) {
  const std::string_view path = call.head().path();
  const bool reads = call.head().method == "GET" || call.head().method == "HEAD";
  if (!path_known && has_static_file(path)) {
    if (reads) co_return co_await respond_static_file(call);
    co_return co_await respond_wrong_method(call, "GET, HEAD");
  }
  if (path_known) co_return co_await respond_wrong_method(call, router_.methods_of(path));
  // What stands behind /k/ may be a key: it is not repeated.
  const Error unknown(Code::not_found, fmt::format("there is nothing at {}", path.starts_with("/k/") ? "/k/..." : path.substr(0, 200)));
  co_await respond_error(call, unknown);
}

Awaitable<void> Hub::answer(GatewayLoop& loop, http::ServerCall& call) {
  return access_log_ ? answer_and_log(loop, call) : answer_call(loop, call, nullptr);
}

Awaitable<void> Hub::answer_and_log(GatewayLoop& loop, http::ServerCall& call) {
  const auto began = std::chrono::steady_clock::now();
  const WallTime at = system_clock().wall();
  CountedCall counted(call);
  std::exception_ptr thrown;
  try {
    co_await answer_call(loop, counted, &counted.key_id);
  } catch (...) {
    thrown = std::current_exception();
  }
  access_log_->write(access_line(counted, loop.gateway.last_call(), began, at));
  if (thrown) std::rethrow_exception(thrown);
}

std::optional<std::uint64_t> Hub::access_lines_dropped() const {
  return access_log_ ? std::optional(access_log_->dropped()) : std::nullopt;
}

void Hub::reopen_logs() {
  if (access_log_) access_log_->reopen();
}

Awaitable<Result<void>> Hub::answer_as(GatewayLoop& loop, http::ServerCall& call, std::shared_ptr<const Caller> caller) {
  auto match = router_.find(call.head().method, call.head().path());
  if (!match.route || match.route->need != Need::models) co_return fail(Code::not_found, "no model is asked at this path");
  Request request{*this, loop, call, std::move(match.captures), std::move(caller)};
  co_await match.route->answer(request);
  co_return Result<void>{};
}

namespace {

/// Ollama's clients knock at "/" before they ask; below /k/KEY there is no board to show.
bool knocks(const http::RequestHead& head, const KeyInPath& in_path) {
  if (in_path.rest != "/" || (head.method != "GET" && head.method != "HEAD")) return false;
  const auto agent = head.headers.get("user-agent");
  return !in_path.key.empty() || (agent && agent->starts_with("ollama"));
}

}  // namespace

Awaitable<void> Hub::answer_call(GatewayLoop& loop, http::ServerCall& call, std::string* key_id) {
  const http::RequestHead& head = call.head();
  const KeyInPath in_path = key_in_path(head.path());
  if (knocks(head, in_path)) {
    http::Response running = http::Response::text(200, "Ollama is running");
    auto sent = co_await call.respond(std::move(running));
    co_return;
  }
  auto match = router_.find(head.method, in_path.rest);
  if (!in_path.key.empty() && (!match.route || match.route->need != Need::models)) {
    const Error unknown(Code::not_found, "there is nothing at this path behind /k/KEY",
                        "it takes what clients of models ask for: /k/KEY/v1/..., /k/KEY/api/...");
    co_return co_await respond_error(call, unknown);
  }
  if (!match.route) co_return co_await answer_unmatched(call, match.path_known);
  Request request{*this, loop, call, std::move(match.captures), nullptr};
  if (match.route->need != Need::nothing) {
    auto caller = in_path.key.empty() ? loop.authenticator.authenticate(head) : authenticate_by_path(loop.authenticator, in_path.key);
    if (caller && (*caller)->who.run) {
      const auto run = fleet_->live_run((*caller)->who.run->task, (*caller)->who.run->fence);
      if (run)
        caller = loop.authenticator.paid_by(*caller, run->owner, loop.table ? loop.table->providers_of_project(run->project) : nullptr);
      else if (loop.table)
        caller = fail(Code::unauthenticated, "the run of this key has ended");
      else
        caller = fail(Code::unavailable, "the hub is starting: it does not know its runs yet", "try again in a moment");
      if (run && run->has_budget()) caller = purses_.of_run(*run, *caller, *fleet_);
    }
    if (!caller) co_return co_await respond_error(call, caller.error());
    if (auto allowed = authorize(**caller, match.route->need, head); !allowed) co_return co_await respond_error(call, allowed.error());
    request.caller = std::move(*caller);
    if (key_id) *key_id = request.caller->who.key_id;
  }
  co_await match.route->answer(request);
}

}  // namespace flotte::hub
