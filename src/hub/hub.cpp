// Construction and wiring of a hub, and what changes while it runs. Start and stop: hub_life.cpp; answers: hub_answer.cpp.
#include "hub/hub.hpp"

#include <future>

#include <fmt/format.h>

#include "access/migrations.hpp"
#include "base/async/post.hpp"
#include "base/crypto.hpp"
#include "base/file.hpp"
#include "fleet/migrations.hpp"
#include "hub/api.hpp"
#include "hub/call_journal.hpp"
#include "hub/key_accounts.hpp"
#include "route/migrations.hpp"
#include "route/usage_store.hpp"

namespace flotte::hub {
namespace {

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
    if (node.state == "linked" || node.state == "draining" || node.state == "drained" || node.home) continue;
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

std::string Hub::make_admin_code() { return admin_key_id_.empty() ? std::string() : codes_.make(admin_key_id_, system_clock().wall()); }

}  // namespace flotte::hub
