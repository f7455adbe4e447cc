// What else than a free slot must allow a start: seats of concurrency keys, and models whose providers can take more. Soft state of the
// writer's thread; the seats themselves are rows (seats.hpp), this only saves asking for them in vain.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "fleet/policy.hpp"
#include "fleet/ports.hpp"
#include "store/transaction.hpp"

namespace flotte::fleet {

/// Why a flow is out; flow.out_why.
enum class OutWhy : std::int64_t {
  quota = 0,   // a provider's quota is used up, or somebody asked to be called later
  outage = 1,  // nobody who answers for the model can be reached
  limits = 2,  // a provider's limits as configured: others are before it
  ramp = 3,    // it comes back slowly
};

/// Somebody said no, or was not there.
constexpr bool refusal(OutWhy why) { return why == OutWhy::quota || why == OutWhy::outage; }

/// Until when a flow is not looked at, and when what closed it should be over.
struct Closure {
  WallTime until{}, reset{};
  OutWhy why = OutWhy::quota;
};

/// Numbers of gates: above 0 a concurrency key; below, a model or (very low) a single flow that comes back.
class DispatchGates {
 public:
  explicit DispatchGates(const Policy& policy) : policy_(policy) {}
  void use(Capacity* capacity) { capacity_ = capacity; }
  /// Whether anybody answers for the model of a worker.
  bool answers(const std::string& model) const { return !capacity_ || capacity_->answers(model); }
  /// Seats and limits are read again; what was refused is remembered.
  void clear();

  /// The gates of a flow. `limited`: its concurrency key, or 0.
  std::vector<std::int64_t> of(store::Transaction& rows, std::int64_t flow, std::int64_t limited, const std::string& model);
  static std::int64_t key_of(const std::vector<std::int64_t>& gates) { return !gates.empty() && gates[0] > 0 ? gates[0] : 0; }

  void seat_taken(std::int64_t key) {
    if (key > 0) ++seats_[key].used;
  }
  void seat_freed(std::int64_t key) {
    if (key > 0) --seats_[key].used;
  }
  /// It may have changed.
  void read_limit(store::Transaction& rows, std::int64_t key);

  /// How many more may start through it now; 0: `closure` says until when.
  int places(std::int64_t gate, WallTime now);
  Closure closure(std::int64_t gate) const;
  /// One has started through these.
  void started(const std::vector<std::int64_t>& gates, WallTime now);

  /// A run of that flow was refused: it is out for so long.
  Closure refused(std::int64_t flow, WallTime now, milliseconds wait, OutWhy why);
  /// That flow comes back after a refusal: it, or all of its model where the refusal was the model's, starts slowly.
  void begin_ramp(store::Transaction& rows, std::int64_t flow);

 private:
  struct Seats {
    int limit = -1, used = 0;  // limit -1: not read yet
  };
  struct Ramp {
    WallTime since{};
    std::int64_t started = 0;
  };
  struct Model {
    std::string name;
    std::deque<WallTime> recent;  // starts within the last moments, which have not reached the gateway's line yet
    WallTime refused_at{};        // when it was last found closed by a quota or an outage
  };
  std::int64_t gate_of(const std::string& model);
  int ramp_places(std::int64_t gate, WallTime now);
  int model_places(std::int64_t gate, WallTime now);
  int close(std::int64_t gate, const Closure& closure);

  const Policy& policy_;
  Capacity* capacity_ = nullptr;
  std::unordered_map<std::int64_t, Seats> seats_;
  std::map<std::string, std::int64_t, std::less<>> gates_;  // of models
  std::unordered_map<std::int64_t, Model> models_;
  std::unordered_map<std::int64_t, Ramp> ramps_;
  std::unordered_map<std::int64_t, Closure> closures_;
  std::set<std::int64_t> refused_;  // flows of which a run was refused, until they come back
};

}  // namespace flotte::fleet
