// The flight recorder of one loop: its last calls, bounded in number, memory and age. Used on its loop only; nothing is written to disk.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "route/trace.hpp"

namespace flotte::route {

struct RecorderLimits {
  Recording record = Recording::off;
  std::size_t count = 1'000;                          // calls
  std::size_t bytes = std::size_t{32} * 1024 * 1024;  // all of them together; the oldest make room
  milliseconds age{3'600'000};                        // those that ended longer ago are forgotten
  std::size_t body_bytes = std::size_t{256} * 1024;   // kept of one body
  /// Of a hub's loops each gets its share.
  RecorderLimits shared_by(std::size_t loops) const;
  bool operator==(const RecorderLimits&) const = default;
};

/// Which calls are asked for. Empty fields let everything through.
struct TraceFilter {
  std::string key;     // its id or name
  std::string model;   // as asked for, what that stands for, or a target
  std::string status;  // "429", "4xx", "ok", "error", "live"
  std::int64_t task = 0;
  std::size_t limit = 50;
  /// Only older ones than this (see `newer_first`).
  std::optional<std::pair<WallTime, std::string>> before;
};

/// A call in a list.
struct TraceLine {
  WallTime at{};
  std::string id, key, key_name, model, target, replay_of;
  dialect::Api api{};
  std::int64_t task = 0;
  bool stream = false, ended = false;
  std::int32_t status = 0;
  std::size_t attempts = 0;
  Trace::Moment first_byte = -1, end = -1;
  llm::Usage usage;
  std::int64_t cost_pico_usd = -1;
};
TraceLine line_of(const Trace& trace);
/// The order of lists, also over several recorders.
bool newer_first(const TraceLine& a, const TraceLine& b) noexcept;

class Recorder {
 public:
  explicit Recorder(RecorderLimits limits, const Clock& clock = system_clock());
  Recording recording() const noexcept { return limits_.record; }

  /// A trace to fill until `end`. Not where `recording()` is off.
  Trace& begin();
  void end(Trace& trace);
  /// Keeps what fits: the limit of one body, and that of all memory, for which older calls go.
  void keep(KeptBody& body, std::string_view piece);
  /// Forgets what is too old. Also done by `begin`.
  void expire();

  /// Newest first; calls that are under way too.
  std::vector<TraceLine> list(const TraceFilter& filter);
  std::optional<Trace> find(std::string_view id);
  void mark_replay(std::string_view id, std::string_view of);

  struct Counts {
    std::size_t traces = 0, bytes = 0;
    std::uint64_t forgotten = 0;  // to make room, not by age
  };
  Counts counts() const noexcept;

 private:
  void forget_oldest();
  void forget_older(WallTime now);
  const RecorderLimits limits_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Trace>> live_, spare_;
  std::deque<std::unique_ptr<Trace>> done_;
  std::size_t bytes_ = 0;       // of `done_`
  std::size_t live_bytes_ = 0;  // of the bodies of `live_`
  std::uint64_t forgotten_ = 0;
};

}  // namespace flotte::route
