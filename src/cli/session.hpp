// What every command shares: the common options, and one conversation with a hub on the calling thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "cli/failure.hpp"
#include "client/fleet.hpp"

namespace flotte::cli {

/// The options that every command takes, after environment and defaults were applied.
struct Common {
  std::string config, data, url, ca;
  std::string socket;  // see client::Options
  Secret key;
  Output output = Output::text;
  bool json() const { return output == Output::json; }
};

/// As given on the command line; empty: not given.
struct CommonOptions {
  std::string config, data, url, key, ca;
  bool json = false;
};
/// Options, else environment, else defaults; of the address: the hub of this machine (own_hub.hpp). The key is `admin.key` of the data
/// directory only where the hub is on this machine or the data directory was named: it is not sent to somebody else's hub.
Common resolve_common(const CommonOptions& given);

class Session {
 public:
  explicit Session(const Common& common) : common_(common), loop_("flotte") {}

  const Common& common() const noexcept { return common_; }
  Loop& loop() noexcept { return loop_; }
  client::Fleet& fleet() noexcept { return *fleet_; }
  client::Connection& connection() noexcept { return *connection_; }

  /// Checks address and authority and makes `fleet()` usable; reports and returns false where they are wrong. `run` does it too.
  bool open();
  /// Runs `work` until it ends, reports its error, and returns the exit status. After SIGINT or SIGTERM `work` is
  /// cancelled (what it awaits ends) and the status is 130.
  int run(std::function<Awaitable<Result<int>>(Session&)> work);
  bool interrupted() const noexcept { return interrupted_; }
  Hub hub() const noexcept { return connection_ && connection_->answered() ? Hub::answered : Hub::silent; }

 private:
  Awaitable<void> run_work(std::function<Awaitable<Result<int>>(Session&)> work);
  void interrupt();

  Common common_;
  Loop loop_;
  std::unique_ptr<client::Connection> connection_;
  std::optional<client::Fleet> fleet_;
  std::optional<Scope> scope_;
  std::optional<Result<int>> outcome_;
  bool interrupted_ = false;
};

/// Prints to standard output; where nobody reads any more (`flotte task ls | head`) the process ends quietly.
void print(std::string_view text);
/// One value, indented, and a list as a JSON array.
void print_json(const json::value& value);
void print_json(const std::vector<json::object>& items);

}  // namespace flotte::cli
