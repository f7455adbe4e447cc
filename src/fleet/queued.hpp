// The newest queued tasks, without looking at all that wait. Readers only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/transaction.hpp"

namespace flotte::fleet {

/// Of which flows; empty: of all.
struct QueuedOf {
  std::string owner, project;
  std::optional<std::int64_t> kind;
};

/// Walks tasks that are ready, of flows that nothing holds up, from the newest to the oldest: one line for each priority of each flow, the
/// lines merged. Costs what the flows are many at first, then what is taken. Valid within one transaction.
class QueuedWalk {
 public:
  /// Tasks below that number.
  QueuedWalk(store::Transaction& rows, const QueuedOf& of, std::int64_t before);
  /// The next one's number; nothing at the end.
  std::optional<std::int64_t> next();

 private:
  struct Line {
    std::int64_t flow = 0, priority = 0;
    std::vector<std::int64_t> tasks{};  // read ahead; the next one is the last
  };
  bool read_on(Line& line, std::int64_t before, std::size_t count);
  static bool older(const Line& a, const Line& b) { return a.tasks.back() < b.tasks.back(); }

  store::Transaction& rows_;
  std::vector<Line> lines_;  // a heap: the newest is at the front
};

}  // namespace flotte::fleet
