// What must hold whatever happens. Reads the hub's rows; remembers what was promised and what was seen.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "wire/link.hpp"

namespace flotte::sim {

class Checker {
 public:
  // ---- history
  void acknowledged(std::int64_t task) { promised_.insert(task); }
  void offered(const wire::RunId& run);
  void started(const wire::RunId& run) { ++starts_[run.task]; }
  /// Or its database has come back.
  void hub_started(WallTime at, milliseconds lease) { grace_until_ = to_ms(at + lease), grace_from_ = to_ms(at); }
  void sold(std::int64_t task, std::int64_t pico_usd) { sold_[task] += pico_usd; }
  void paid(std::int64_t task, std::int64_t pico_usd) { paid_[task] += pico_usd; }

  /// After a step: I1 (an acknowledged task is in exactly one place), I2 (one lease), I3 (one outcome, of the newest fence), I4 (leases
  /// within slots and keys), I5 (what was said to be paid is written, and no more than was sold), I6 (an end never changes), and that no
  /// node is rescued within one lease of a hub's start or of the database's return.
  std::vector<std::string> check(store::Store& store);
  /// When everything has ended: attempts and batches add up.
  std::vector<std::string> check_end(store::Store& store);
  /// I7: acknowledged tasks that have not ended.
  std::int64_t open(store::Store& store) const;
  /// Where they stand, for the reader of a failure.
  std::string describe_open(store::Store& store) const;
  std::size_t promised() const noexcept { return promised_.size(); }

 private:
  struct End {
    std::int64_t state = 0;
    std::string result;
  };
  void check_places(store::Transaction& rows, std::vector<std::string>& wrong);
  void check_outcomes(store::Transaction& rows, std::vector<std::string>& wrong);
  void check_money(store::Transaction& rows, std::vector<std::string>& wrong);
  void check_grace(store::Transaction& rows, std::vector<std::string>& wrong);
  std::set<std::int64_t> promised_;
  std::map<std::int64_t, std::int64_t> newest_;  // fence by task
  std::map<std::string, int> starts_;
  std::map<std::int64_t, std::int64_t> sold_, paid_;  // by task
  std::int64_t grace_from_ = 0, grace_until_ = 0;     // of the hub that runs, or ran last
  std::map<std::int64_t, End> ends_;
};

}  // namespace flotte::sim
