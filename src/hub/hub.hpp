// The hub: constructs its parts, wires them, starts and stops them. What it decides is only who gets what.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/key.hpp"
#include "access/ticket.hpp"
#include "base/async/loop.hpp"
#include "base/async/pool.hpp"
#include "base/async/scope.hpp"
#include "base/line_log.hpp"
#include "engine/find/finder.hpp"
#include "fleet/fleet.hpp"
#include "hub/changes.hpp"
#include "hub/config.hpp"
#include "hub/credentials.hpp"
#include "hub/find/offers.hpp"
#include "hub/gateway_loop.hpp"
#include "hub/home.hpp"
#include "hub/home_engines.hpp"
#include "hub/live.hpp"
#include "hub/models.hpp"
#include "hub/node_links.hpp"
#include "hub/package.hpp"
#include "hub/providers.hpp"
#include "hub/purses.hpp"
#include "hub/quota_capacity.hpp"
#include "hub/reload.hpp"
#include "hub/router.hpp"
#include "hub/sign_in_codes.hpp"
#include "hub/spares.hpp"
#include "route/accounts.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace flotte::hub {

class Hub {
 public:
  /// Opens the data directory and everything in it. Errors are one line that says what to do.
  static Result<std::unique_ptr<Hub>> open(HubConfig config);
  ~Hub();

  /// Starts every thread and listens. Error: io (the port is taken).
  Result<void> start();
  /// Refuses new work, asks, waits a bounded time, insists. Not on a loop; returns when all has ended.
  void stop(work::Away how = work::Away::ends);

  // ---- what routes use -------------------------------------------------------------------------------------------
  const HubConfig& config() const { return config_; }
  store::Store& database() { return *store_; }
  store::Blobs& blobs() { return blobs_; }
  BlockingPool& pool() { return *pool_; }
  fleet::Fleet& fleet() { return *fleet_; }
  const access::Tickets& tickets() const { return tickets_; }
  Models& models() { return *models_; }
  Providers& providers() { return *providers_; }  // on the fleet loop
  SignInCodes& codes() { return codes_; }
  const route::AccountBook& accounts() const { return accounts_; }
  Changes& changes() { return changes_; }
  HubCredentials& credentials() { return credentials_; }
  NodeLinks& links() { return *links_; }
  Live& live() { return *live_; }
  Spares& spares() { return *spares_; }
  Packages& packages() { return packages_; }
  Executor fleet_executor() { return fleet_loop_.executor(); }
  bool draining() const { return draining_; }
  WallTime started_at() const { return started_at_; }
  const std::vector<std::unique_ptr<GatewayLoop>>& loops() const { return loops_; }
  /// "http://127.0.0.1:7700"; for a hub that listens on every address as `url_on_network`.
  const std::string& url() const { return url_; }
  /// Where another machine on the network reaches it; asked anew each time, because addresses change.
  std::string url_on_network() const;
  /// Where this machine reaches it without TLS.
  std::string local_url() const;
  /// Of the server's key, base64; empty without TLS.
  const std::string& pin() const { return pin_; }
  /// PEM; empty where the hub has no authority of its own.
  const std::string& authority_file() const { return authority_file_; }

  /// Name and labels of a node, in everything that keeps them. Errors: not_found, conflict, invalid_argument.
  Awaitable<Result<void>> change_node(std::string name, fleet::NodeChange change);
  Awaitable<Result<void>> rename_node(std::string name, std::string to);

  /// What people are told about a hub that has just started. Not on a loop.
  struct Sight {
    std::optional<engine::Found> found;             // nothing: the first look is under way, or nothing is looked for
    bool asking = false;                            // providers are being asked for their models
    std::vector<wire::EngineInfo> engines;          // home's
    std::map<std::string, route::Explained> names;  // those of default, smart and fast that stand for something
  };
  Sight look();
  /// A one-time code that signs a browser in with the admin's key.
  std::string make_admin_code();

  /// Reads the configuration file again and makes count what can count at once; calls under way end where they began. Where the file is
  /// bad everything stays as it was. Waits for the fleet loop: not on a loop. Errors as of HubConfig::load, and of TLS files.
  Result<ReloadReport> reload();

  /// Reads the keys again and hands every loop the new ring.
  Awaitable<Result<void>> reload_keys();
  Awaitable<void> answer(GatewayLoop& loop, http::ServerCall& call);
  /// A call for models that comes from inside, made by `caller`. Error: not_found where its path leads nowhere.
  Awaitable<Result<void>> answer_as(GatewayLoop& loop, http::ServerCall& call, std::shared_ptr<const Caller> caller);
  /// Of the access log; nothing where there is none.
  std::optional<std::uint64_t> access_lines_dropped() const;
  /// Files that were moved away are made anew. Any thread.
  void reopen_logs();

 private:
  using Weights = std::map<std::string, double, std::less<>>;
  /// What is given counts from now on. Any thread.
  void use_shares(std::optional<Weights> owners, std::optional<Weights> projects);
  Awaitable<void> answer_call(GatewayLoop& loop, http::ServerCall& call, std::string* key_id);
  Awaitable<void> answer_and_log(GatewayLoop& loop, http::ServerCall& call);
  Awaitable<void> answer_unmatched(http::ServerCall& call, bool path_known);
  Hub(HubConfig config, access::Tickets tickets, std::unique_ptr<store::Store> database, store::Blobs blobs);
  Result<void> make_admin_key();
  Result<void> remember_spending();
  Result<void> prepare_tls();
  Result<void> listen();
  void wire();
  void on_change(std::string_view kind, const std::string& id);
  void rebuild_models();
  void on_home_engines(const HomeEngines::Report& report);
  void show_unusable();
  Result<void> start_engines();

  HubConfig config_;
  access::Tickets tickets_;
  std::unique_ptr<store::Store> store_;
  store::Blobs blobs_;
  Packages packages_{config_.data + "/packages"};
  std::unique_ptr<BlockingPool> pool_ = std::make_unique<BlockingPool>("hub-pool", 4);
  Loop fleet_loop_{"fleet"};
  Scope fleet_scope_;
  SignInCodes codes_;
  std::shared_ptr<Spares> spares_;
  HubCredentials credentials_;
  Changes changes_;
  QuotaCapacity capacity_;
  Purses purses_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<fleet::Watcher> watcher_;
  std::unique_ptr<Live> live_;
  std::unique_ptr<Models> models_;
  std::unique_ptr<Providers> providers_;
  std::unique_ptr<NodeLinks> links_;
  std::unique_ptr<Home> home_;
  std::unique_ptr<HomeEngines> engines_;
  std::unique_ptr<engine::Finder> finder_;
  std::unique_ptr<Offers> offers_;
  std::mutex shares_mutex_;
  fleet::Shares shares_;  // under the mutex
  std::mutex reload_mutex_;
  std::mutex sight_mutex_;
  std::optional<engine::Found> found_;          // under the mutex
  std::vector<wire::EngineInfo> home_engines_;  // under the mutex
  Secret admin_secret_;
  std::string admin_key_id_;
  std::unique_ptr<LineLog> access_log_;  // null: none
  std::vector<std::unique_ptr<GatewayLoop>> loops_;
  Router router_;
  std::shared_ptr<http::TlsContext> tls_;
  std::string url_, pin_, authority_file_;
  bool rebuild_planned_ = false;
  std::atomic<std::uint64_t> keys_version_{0};
  route::AccountBook accounts_;
  bool running_ = false;  // main thread's
  std::atomic<bool> draining_{false};
  WallTime started_at_ = system_clock().wall();
};

/// `flotte hub` and `flotte up`: runs until SIGINT or SIGTERM. Returns the exit status of the contract.
int hub_main(const HubOptions& options);

}  // namespace flotte::hub
