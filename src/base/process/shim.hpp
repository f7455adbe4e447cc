// A shim is a small process of this same binary that looks after one child: it has a session of its own, so a node may die and come back
// while the child runs on; it keeps the output in files and the outcome in a status file; and it ends the child and every descendant of it
// (also those that left their process group) when it is told to, when it hears of no node for one lease, or, for a `bound` child, at
// once when its parent is gone. A child whose shim is killed dies with it.
//
// Files of DIR, all of mode 0600: status.json (replaced atomically), stdout, stderr (or one log), control (a FIFO), spec.json (until it is
// read).
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/process/spawn.hpp"

namespace flotte {

struct ShimSpec {
  std::vector<std::string> argv;
  std::vector<std::string> env;  // "NAME=value": the whole environment
  std::string cwd;               // empty: DIR
  std::string input;             // standard input
  ProcessLimits limits;
  std::uint64_t output_bytes = 64 * 1024 * 1024;  // of each stream the first ones are kept, and a line says that there was more
  std::string log;                                // if set, both streams go to this file instead, which becomes LOG.1 when it is full
  std::chrono::milliseconds lease{30'000};
  std::chrono::milliseconds grace{5'000};   // from SIGTERM to SIGKILL
  std::chrono::milliseconds time_limit{0};  // 0 = none
  bool bound = false;                       // ends with its parent instead of after a lease
  std::string program = "/proc/self/exe";   // run as `program shim DIR`
  json::object to_json() const;
  static Result<ShimSpec> from_json(const json::object& o);
};

enum class ShimState { running, ended };
/// Why it ended. `lost`: the shim was killed, nobody knows how the child ended; it is dead.
enum class ShimEnd { exited, stopped, no_node, time_limit, not_started, lost };
std::string_view to_string(ShimEnd end) noexcept;

struct ShimStatus {
  ShimState state = ShimState::running;
  ShimEnd end = ShimEnd::exited;
  ExitStatus exit;  // of the child, where it is known
  Error error;      // of `not_started`: as `spawn`
  std::int64_t started_at_ms = 0, ended_at_ms = 0;
  pid_t shim = 0, child = 0;
  std::uint64_t shim_birth = 0;  // start time in clock ticks: tells a process from a later one of the same number
  std::string token;             // in the environment of every descendant, as FLOTTE_SHIM
  json::object to_json() const;
  static Result<ShimStatus> from_json(const json::object& o);
};

enum class OutputStream { out, err };

/// A node's hold on one shim. All calls on the loop's thread. Destroying it leaves the shim alone (a bound one ends).
class ShimHandle {
 public:
  /// Makes DIR and starts. Returns when the child runs. Errors: as `spawn` (DIR is then left with its status), io, deadline.
  static Awaitable<Result<ShimHandle>> start(std::string dir, ShimSpec spec);
  /// Takes over what an earlier process of this node started. A shim that was killed is adopted as ended (`lost`), after what was left of
  /// its descendants has been killed. Errors: not_found (no shim was ever started there), corrupt.
  static Result<ShimHandle> adopt(Executor executor, std::string dir);
  ShimHandle(ShimHandle&&) noexcept;
  ShimHandle& operator=(ShimHandle&&) noexcept;
  ~ShimHandle();

  const std::string& dir() const noexcept;
  /// As the status file says now; `lost` where the shim is gone without an outcome.
  Result<ShimStatus> status() const;
  /// Say it at a third of the lease. False where the shim has ended.
  bool keep_alive();
  /// Asks for the end (SIGTERM, grace, SIGKILL). Returns at once; `wait` tells when.
  void stop();
  /// Waits for the end of the shim and all of its descendants. May be awaited by one at a time. Error: cancelled.
  Awaitable<Result<ShimStatus>> wait();
  /// `stop`, `wait`, and where that takes longer than `bound`: kills the shim and everything under it.
  Awaitable<Result<ShimStatus>> end(std::chrono::milliseconds bound);
  /// Output from `offset` on, at most `limit` bytes; empty = no more at present.
  Result<std::string> read_output(OutputStream which, std::uint64_t offset, std::size_t limit = 64 * 1024) const;

 private:
  struct State;
  explicit ShimHandle(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// `flotte shim DIR`: call it first thing in main where argv[1] is "shim". Returns the process's exit status.
int shim_main(int argc, char** argv);

}  // namespace flotte
