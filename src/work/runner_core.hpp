// The node's side of the hand-out as a pure machine: slots, accepting and refusing, cancel and drop, the numbers of the spool, what is
// sent when. Events go in, actions come out; `Runner` performs them, and the simulator runs the same code under a seeded clock.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "wire/link.hpp"

namespace flotte::work {

/// Both clocks at the moment of an event: steady for waiting, wall for people.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

/// Why a run is told to stop: its task was cancelled (its end is reported), or it is no longer ours (nothing of it is reported).
enum class StopCause { cancelled, dropped };

/// Why the node is going: for good (all runs are given back), to come back as another process at once (runs that survive it stay), or to
/// sleep (the same, and the hub is told that the node wakes again).
enum class Away { ends, restarts, sleeps };

// ---- actions -----------------------------------------------------------------------------------------------------
struct Send {
  wire::ToHub message;
};
/// Begin this run. `ended` must be called for it, once.
struct Start {
  wire::Offer offer;
};
struct StopRun {
  wire::RunId run;
  StopCause cause = StopCause::cancelled;
};
/// Write to the spool. A durable one is synced to disk; `synced` tells when.
struct Append {
  wire::Record record;
  bool durable = false;
};
/// Records up to that number are stored by the hub.
struct Discard {
  std::int64_t up_to = 0;
};
/// Read records after that number back from the spool, at least one and about `bytes`, and give them to `read_back`.
struct ReadBack {
  std::int64_t after = 0;
  std::int64_t bytes = 0;
};
/// Nothing of this run is needed any more (its files may go).
struct Forget {
  wire::RunId run;
};
using Action = std::variant<Send, Start, StopRun, Append, Discard, ReadBack, Forget>;
using Actions = std::vector<Action>;

/// A record that was found in the spool at the start.
struct SpooledRecord {
  std::int64_t number = 0;
  std::int64_t bytes = 0;
  wire::RunId run;
  wire::RecordKind kind = wire::RecordKind::output;
};

struct RunnerLimits {
  milliseconds doing_gap{100};                   // between two Doing of one worker
  std::int64_t spool_bytes = 256 * 1024 * 1024;  // above it output and progress are dropped, with a note; ends never are
  std::int64_t window_bytes = 1024 * 1024;       // sent and not acknowledged
  std::size_t window_records = 512;
};

class RunnerCore {
 public:
  /// `next_number`: the first spool number that was never used. `pending`: what the spool holds, ascending.
  RunnerCore(RunnerLimits limits, std::int64_t instance, std::int64_t next_number, const std::vector<SpooledRecord>& pending);

  /// A run that survived the process that began it. Before the first link.
  Actions adopt(const wire::Offer& offer, Now now);
  /// Engines or workers changed: the whole new lists. A worker that is gone keeps its runs and gets no new ones.
  Actions announce(std::vector<wire::EngineInfo> engines, std::vector<wire::WorkerInfo> workers);

  /// A message of the hub. Challenge is answered with a Hello whose node, signature and host the link adds.
  Actions on(const wire::ToNode& message, Now now);
  Actions link_down();
  /// From now on every offer is refused.
  Actions drain();
  /// The node goes away on purpose. Runs that do not survive it end as dropped and are given back; when the last one has ended, Goodbye is
  /// sent, unless it `restarts`. Nothing of a link is used after the goodbye of one that `sleeps`. Empty `survives`: none does.
  Actions away(Away how, const std::function<bool(const wire::Offer&)>& survives = {});
  /// The goodbye at once, whatever still runs: there is no time left.
  Actions hurry();
  /// It is back: it takes work again.
  Actions back();
  /// Nothing is left that would not survive.
  bool settled() const;
  /// An offer of the hub that this version cannot read.
  Actions unreadable(const wire::RunId& run, std::string_view why);

  /// `to`: bytes of the stream that are told with this, as whoever takes the run over needs to know; below 0: it has none.
  Actions output(const wire::RunId& run, std::string_view stream, std::string_view text, Now now, std::int64_t to = -1);
  /// Whether there is room for more output; what can wait should.
  bool room() const noexcept { return pending_bytes_ < limits_.spool_bytes / 4 * 3; }
  Actions progress(const wire::RunId& run, std::string_view step, double fraction, Now now);
  /// What the run does now; sent to the hub at most once per `doing_gap` and worker.
  Actions activity(const wire::RunId& run, wire::Activity what, Now now);
  /// The run is over. It counts as ended (slot free, listed no longer) when its record is synced.
  Actions ended(const wire::RunId& run, wire::Finished finished, Now now);
  /// Everything up to that number is on disk.
  Actions synced(std::int64_t up_to, Now now);
  /// The answer to ReadBack. Empty: the spool could not give it (damaged file): those numbers are skipped.
  Actions read_back(const std::vector<wire::Record>& records, Now now);
  Actions tick(Now now);
  /// When `tick` is wanted next, if at all.
  std::optional<SteadyTime> next_tick() const;

  bool linked() const noexcept { return link_ == Link::up; }
  bool draining() const noexcept { return draining_ || stopped_by_hub_ || leaving_; }
  /// Runs that have not ended, dropped ones included.
  std::vector<wire::RunId> live() const;
  int free_slots(std::string_view worker) const;
  std::size_t unacknowledged() const noexcept { return pending_.size(); }
  std::int64_t unacknowledged_bytes() const noexcept { return pending_bytes_; }

 private:
  enum class Link { down, greeting, up };
  enum class Stage { running, cancelled, dropped, ending };  // ending: its end is written, not yet synced
  struct Run {
    wire::Offer offer;
    Stage stage = Stage::running;
    wire::Activity activity;
    std::int64_t unkept_bytes = 0;  // of output, because the spool was full
    bool given_back = false;        // the hub is told when it has ended
    bool stays = false;             // survives the node's absence
  };
  struct Worker {
    wire::WorkerInfo info;
    bool gone = false;  // announced no longer; stays while it has runs
    bool dirty = false;
    std::optional<SteadyTime> said_at;
  };

  void on_challenge(Actions& out);
  void on_welcome(const wire::Welcome& m, Now now, Actions& out);
  void on_offer(const wire::Offer& offer, Now now, Actions& out);
  void on_cancel(const wire::RunId& run, Actions& out);
  void drop(const wire::RunId& run, Actions& out);
  std::optional<std::string> refusal(const wire::Offer& offer) const;
  int used_slots(std::string_view worker) const;
  void start(const wire::Offer& offer, Now now, Actions& out);
  void append(const wire::RunId& run, wire::RecordKind kind, json::object body, Now now, bool durable, Actions& out);
  void acknowledge(std::int64_t up_to, Actions& out);
  void recover_numbers(std::int64_t acknowledged, Now now, Actions& out);
  void report_lost_end(const wire::RunId& run, Now now, Actions& out);
  void send_records(std::vector<wire::Record> records, Actions& out);
  void pump(Actions& out);
  bool sendable(std::int64_t number) const;
  void forget(const wire::RunId& run, Actions& out);
  void leave_if_settled(Actions& out);
  void say_goodbye(Actions& out);
  void mark(const std::string& worker);
  void mark_all();
  void say_doing(Now now, Actions& out);
  std::vector<wire::RunId> listed() const;

  RunnerLimits limits_;
  std::int64_t instance_;
  Link link_ = Link::down;
  bool draining_ = false;        // asked for here
  bool stopped_by_hub_ = false;  // asked for by the hub; a new link begins without it
  std::optional<Away> leaving_;
  bool said_goodbye_ = false;
  std::vector<wire::EngineInfo> engines_;
  std::map<std::string, Worker, std::less<>> workers_;
  std::map<wire::RunId, Run> runs_;

  std::deque<SpooledRecord> pending_;              // in the spool, not acknowledged
  std::map<std::int64_t, wire::Record> unsynced_;  // ends that wait for the disk
  std::int64_t pending_bytes_ = 0;
  std::int64_t next_number_;
  std::size_t sent_ = 0;  // how many of `pending_`, from its front, went out on this link
  std::int64_t sent_bytes_ = 0;
  bool reading_ = false;              // a ReadBack is under way
  bool announce_due_ = false;         // engines or workers changed between Hello and Welcome
  std::vector<wire::RunId> greeted_;  // what the last Hello listed
};

}  // namespace flotte::work
