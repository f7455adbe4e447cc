// What a node and its hub say to each other over the link (one WebSocket text message = one of these, `{"type": ...}`).
// Both sides may be one protocol apart: the challenge says what the hub speaks, the hello what the link speaks from then on. Unknown
// members and unknown messages are passed over; what a node must understand to do a task is named in features (wire/features.hpp).
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "wire/fleet.hpp"
#include "wire/task.hpp"

namespace flotte::wire {

inline constexpr int link_protocol = 2, oldest_link_protocol = 1;

/// A run: a task under one fence.
struct RunId {
  std::string task;
  std::int64_t fence = 0;
  bool operator==(const RunId&) const = default;
  auto operator<=>(const RunId&) const = default;
};

// ---- hub to node -------------------------------------------------------------------------------------------------
/// First: sign this (see access/enrolment.hpp for what exactly is signed).
struct Challenge {
  std::string nonce, hub;
  int protocol = 1, oldest = 1;  // what the hub speaks, and the oldest that it still understands
  std::string version = {};      // flotte's, of the hub
};
/// Answer to Hello. `keep`: runs that are still this node's; `drop`: runs it must end at once. `ticket` opens streams.
/// `acknowledged`: highest spool number that the hub has stored.
struct Welcome {
  std::string node, hub, ticket;
  std::int64_t epoch = 0, lease_ms = 30'000, acknowledged = 0;
  int spares = 2;
  std::vector<RunId> keep, drop;
  std::string name;                      // what the hub calls the node now; it may have been renamed there
  std::vector<WorkerInfo> workers = {};  // what was defined for it at the hub: the whole list
  int protocol = 1;                      // of this link
};
/// Two-phase hand-out: run it, or say no. Not accepted within 10 s: it goes back to the queue.
struct Offer {
  RunId run;
  int attempt = 1;
  TaskSpec spec;
  std::string worker;  // one of the node's own
  std::string batch;
  std::string key;  // client key of this run, scope models (and tasks of its own)
};
/// Everything up to this spool number is stored.
struct Acknowledge {
  std::int64_t up_to = 0;
};
/// End this run; the task was cancelled.
struct Cancel {
  RunId run;
};
/// These runs are no longer yours: end their children, forget their results.
struct Drop {
  std::vector<RunId> runs;
};
/// Keep that many spare streams open from now on; dial `now` extra at once.
struct Spares {
  int keep = 2;
  int now = 0;
};
/// No new work (drain), or never again (revoked).
struct Stop {
  bool revoked = false;
  std::string message = {};  // why, for people; may be empty
};
/// Go to sleep with what runs: say goodbye and stay away until the machine wakes, or that long. Only to a node with the feature `suspend`.
struct Suspend {
  std::int64_t for_ms = 0;
};
/// Answer to a beat.
struct BeatAnswer {
  std::int64_t number = 0;
};
/// Workers that were defined for this node at the hub changed: the whole new list. Only model workers; the node refuses others.
struct Define {
  std::vector<WorkerInfo> workers;
};
/// Send a magic packet into one of your networks: a machine there sleeps and is needed.
struct Wake {
  std::string node;                // its name, for logs
  std::vector<NetworkCard> cards;  // its wired ones that have a subnet
};

// ---- node to hub -------------------------------------------------------------------------------------------------
struct Hello {
  int protocol = link_protocol;
  std::string node;       // its name
  std::string signature;  // over the challenge, base64url
  HostInfo host;
  std::vector<EngineInfo> engines;
  std::vector<WorkerInfo> workers;
  std::vector<RunId> running;   // still alive here (shims), from an earlier link or process
  std::int64_t spool_from = 0;  // lowest number that is still in the spool, 0 = empty
  std::int64_t instance = 0;    // changes with each start of the node's process
  std::string public_key = {};  // base64url; by it the hub knows the node whatever its name is by now. Empty: by its name
};
/// The lease of the whole node is extended. Sent at a third of the lease.
struct Beat {
  std::int64_t number = 0;
  double load = 0;
};
struct Accept {
  RunId run;
};
struct Refuse {
  RunId run;
  std::string message;
  bool unfit = false;  // it cannot be read or done here, now or later: not to be offered to this node again
};
/// Engines, workers or facts of the machine changed: the whole new lists. The link adds `host`; absent: it is as it was.
struct Announce {
  std::vector<EngineInfo> engines;
  std::vector<WorkerInfo> workers;
  std::optional<HostInfo> host = {};
};
/// Live view, not stored; replaces what was said of that worker before.
struct Doing {
  std::string worker;
  std::vector<Activity> activities;
};
/// This node goes to sleep (suspended) or ends (drained). Its runs are given back first, unless it `keeps` them: a machine that sleeps
/// goes on with them when it wakes.
struct Goodbye {
  bool sleeping = false;
  bool keeps = false;
};

/// A stored event of a run, from the spool. `number` grows by one per node for ever (across restarts).
/// `other`: a kind that a newer version knows; it is acknowledged and passed over.
enum class RecordKind { started, output, progress, finished, other };
struct Record {
  std::int64_t number = 0;
  RunId run;
  RecordKind kind = RecordKind::output;
  std::int64_t at_ms = 0;  // the node's clock, for people only
  json::object body;  // output {stream, text, to?}: `to` = bytes of the stream so far; progress {step, progress}; finished: see Finished
};
struct Records {
  std::vector<Record> items;
};

/// The body of a `finished` record.
struct Finished {
  std::string outcome;  // succeeded | failed | cancelled
  std::optional<Error> error;
  bool retryable = true;  // a failed run may be tried again
  std::string target;
  Usage usage;
  std::optional<milliseconds> later;  // nobody could answer now, a quota or an outage: costs no attempt, and the flow waits so long
  json::value result;                 // as TaskView::result; texts over 64 KiB are stored as {blob} by the hub
  json::object to_json() const;
  static Finished from_json(const json::object& o);
};

using ToNode = std::variant<Challenge, Welcome, Offer, Acknowledge, Cancel, Drop, Spares, Stop, BeatAnswer, Define, Wake, Suspend>;
using ToHub = std::variant<Hello, Beat, Accept, Refuse, Announce, Doing, Goodbye, Records>;

std::string format(const ToNode& message);
std::string format(const ToHub& message);
Result<ToNode> parse_to_node(std::string_view text);
/// Error of both: unsupported for a message that a newer version knows, invalid_argument for what is wrong.
Result<ToHub> parse_to_hub(std::string_view text);
/// The run of an offer that cannot be read as a whole; nothing where the text is no offer.
std::optional<RunId> run_of_offer(std::string_view text);

std::string_view to_string(RecordKind kind) noexcept;
std::optional<RecordKind> parse_record_kind(std::string_view word) noexcept;

}  // namespace flotte::wire
