// One planning's view of the workers: the slots as they would be after the picks so far. Pure.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "fleet/scheduler.hpp"

namespace flotte::fleet::detail {

class Seating {
 public:
  Seating(std::vector<Slots> workers, std::map<std::int64_t, NodeLoad> loads) : workers_(std::move(workers)), loads_(std::move(loads)) {}

  /// The worker that is least busy, an index; the machine is kept free for who wants it alone and cannot have it yet. `text` is the same
  /// for equal needs: who fits is found once for each.
  std::optional<std::size_t> seat(const Need& need, const std::string& text);
  /// Nobody has a free slot left.
  bool full() const noexcept { return free_ == 0; }

 private:
  struct Fitting {
    std::vector<std::size_t> workers;
    bool none_left = false;  // slots only become fewer
  };
  Fitting& fitting(const Need& need, const std::string& text);
  bool less_busy(const Slots& a, const Slots& b);

  std::vector<Slots> workers_;
  std::map<std::int64_t, NodeLoad> loads_;
  std::set<std::int64_t> reserved_;
  std::unordered_map<std::string, Fitting> fitting_;
  std::int64_t free_ = -1;  // counted at the first look
};

}  // namespace flotte::fleet::detail
