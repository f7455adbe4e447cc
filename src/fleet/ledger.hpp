// What the functions over rows share: the transaction, what they changed for those who watch, and chance.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "fleet/policy.hpp"
#include "store/transaction.hpp"
#include "wire/link.hpp"

namespace flotte::fleet {

/// Facts that a transaction leaves behind in memory, if it commits.
struct Changes {
  struct Freed {
    std::int64_t task = 0, fence = 0, node = 0;
    std::string worker;
  };
  struct Ended {
    std::int64_t task = 0;
    wire::TaskState state{};
    std::string node, worker;
  };
  struct Told {
    std::int64_t node = 0;
    wire::RunId run;
  };
  std::set<std::int64_t> flows;   // have ready work now
  std::set<std::int64_t> paused;  // flows that may not start anything
  std::set<std::int64_t> seats;   // concurrency keys of which a seat became free, or the limit another
  struct Later {
    milliseconds wait{};
    bool outage = false;  // nobody is there; else somebody asked for it
  };
  std::map<std::int64_t, Later> later;    // flows that should not be asked for so long
  std::optional<WallTime> due;            // the earliest deferral that was made
  std::vector<Freed> freed;               // leases that are gone
  std::vector<Ended> ended;               // tasks that reached a terminal state
  std::vector<Told> cancels;              // runs to be cancelled on their nodes
  std::vector<Told> drops;                // runs that are their nodes' no longer
  std::set<std::int64_t> tasks, batches;  // to look at again
};

/// Keeps a long text outside the row; gives the blob's id. Blocking; may be empty (then texts stay in the row).
using KeepText = std::function<Result<std::string>(std::string_view text)>;
/// Reads such a text back. Blocking; may be empty. Errors: not_found, too_large over `limit` bytes, io.
using ReadText = std::function<Result<std::string>(std::string_view blob, std::size_t limit)>;

struct Ledger {
  store::Transaction& rows;
  Changes& changes;
  Random& random;
  const Policy& policy;
  const KeepText& keep_text;
  const ReadText& read_text;
};

/// Numbers as the tables hold them.
inline std::int64_t code(wire::TaskKind kind) { return static_cast<std::int64_t>(kind); }
inline std::int64_t code(wire::Reason reason) { return static_cast<std::int64_t>(reason); }
/// task.state: 0 while active (then `ready`, `deferred` and `lease` tell where it is), else the terminal state's number.
inline std::int64_t code(wire::TaskState state) { return wire::terminal(state) ? static_cast<std::int64_t>(state) : 0; }

inline constexpr std::string_view task_word = "task", batch_word = "batch", node_word = "node", worker_word = "worker";

}  // namespace flotte::fleet
