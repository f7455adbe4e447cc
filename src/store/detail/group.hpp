// Many closures, one commit. Knows nothing of threads: whoever owns the connection calls it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "store/detail/connection.hpp"
#include "store/operation.hpp"

namespace flotte::store::detail {

/// The database's clock: wall time when it was made plus steady time since.
class DatabaseClock {
 public:
  explicit DatabaseClock(const Clock& clock) : clock_(clock), wall_(clock.wall()), steady_(clock.steady()) {}
  WallTime now() const { return wall_ + (clock_.steady() - steady_); }

 private:
  const Clock& clock_;
  WallTime wall_;
  SteadyTime steady_;
};

class GroupWriter {
 public:
  GroupWriter(Connection& connection, const DatabaseClock& clock) : connection_(connection), clock_(clock) {}
  using Group = std::vector<std::unique_ptr<Operation>>;
  /// What came meanwhile and may share this commit; empty: nothing.
  using Join = std::function<Group()>;
  /// Runs all in one transaction, and what `join` gives before it commits; answers each. Does not throw. How many there were.
  std::size_t run(Group group, const Join& join = {});
  std::uint64_t rollbacks() const noexcept { return rollbacks_; }
  /// The next so many commits fail as on a full disk. For tests.
  void fail_commits(int count) { failing_ = count; }

 private:
  std::optional<Error> attempt(Operation& operation, bool alone);
  Connection& connection_;
  const DatabaseClock& clock_;
  std::uint64_t rollbacks_ = 0;
  int failing_ = 0;
};

/// One snapshot, one closure.
void run_read(Connection& connection, const DatabaseClock& clock, Operation& operation);

/// `body` with what it throws as an error.
std::optional<Error> caught(const std::function<void()>& body);

}  // namespace flotte::store::detail
