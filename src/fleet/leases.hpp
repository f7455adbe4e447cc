// Leases in rows: the hand-out in two phases, what a node says about its runs, and what becomes of them when it is gone.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/ledger.hpp"
#include "wire/link.hpp"

namespace flotte::fleet {

/// A node under one epoch: everything it says is checked against this.
struct Session {
  std::int64_t node = 0, epoch = 0;
};

/// What a task and its batch may cost and have cost, in trillionths of a dollar; no budget: nothing.
struct MoneyLeft {
  std::optional<std::int64_t> budget, batch_budget;
  std::int64_t spent = 0, batch_spent = 0;
};

/// A ready task given to a worker; not yet accepted.
struct Grant {
  std::int64_t task = 0, fence = 0;
  int attempt = 1;
  std::int64_t batch = 0;
  std::string owner;
  wire::TaskSpec spec;
  int priority = 2;
  WallTime since{};  // ready since then
  MoneyLeft money{};
};
struct Granted {
  std::vector<Grant> grants;
  std::size_t ended = 0;  // tasks that ended instead: what they may cost is spent, or they cannot be read
  bool more = false;      // the flow may have other ready tasks
  bool no_seat = false;   // every seat of its concurrency key is taken
};
/// Takes ready tasks of a flow, the first in its order, and leases them. Fewer than `count` where the flow has fewer, or where fewer seats
/// of its concurrency key (`limited`; 0: it has none) are free.
Granted grant(Ledger& ledger, std::int64_t flow, const Session& session, std::string_view worker, std::size_t count,
              std::int64_t limited = 0);

enum class Acceptance { accepted, stale, cancelled };  // cancelled: accepted, but somebody asked for its end
Acceptance accept(Ledger& ledger, const Session& session, const wire::RunId& run);
/// A worker that did not take an offer; it should be left alone for a moment.
struct Declined {
  std::int64_t node = 0;
  std::string worker;
};
/// An offer that the node does not take, or a run that it gives back: ready again. An attempt is used only if it was accepted.
/// Nothing where the run was not its own.
std::optional<Declined> refuse(Ledger& ledger, const Session& session, const wire::RunId& run, std::string_view message);
/// Offers older than the policy's timeout are ready again. Their runs are dropped on their nodes.
std::vector<Declined> take_back_overdue(Ledger& ledger);
/// An offer that could not be sent: ready again at once.
void withdraw(Ledger& ledger, const Session& session, const wire::RunId& run);

struct Applied {
  std::int64_t acknowledged = 0;   // everything up to it is stored
  std::vector<wire::RunId> stale;  // not this node's any more; it should end them
};
/// Applies each record once, whatever is sent again. Records of stale runs are taken and forgotten.
/// `previous`: the last number before them on the same link, 0 for the first ones. Where that is not stored (its transaction failed), these
/// are not taken either: everything is sent again after the next hello.
Applied apply_records(Ledger& ledger, const Session& session, const std::vector<wire::Record>& records, std::int64_t previous = 0);

/// Why a lease ends without a result that counts.
enum class GivenUp {
  lost,         // an attempt is used, then backoff or the dead letters
  handed_back,  // its node leaves on purpose: ready at once, never a dead letter
};
/// All leases of a node are given up.
std::int64_t release_all(Ledger& ledger, std::int64_t node, GivenUp how, std::string_view message);

/// A lease as its row says.
struct Lease {
  std::int64_t task = 0, fence = 0, node = 0, epoch = 0, batch = 0;
  std::string worker;
  int attempt = 1;
  bool accepted = false;
  int cancel = 0;  // 0 no, 1 asked for, 2 the deadline passed, 3 its budget is spent
  WallTime started_at{};
  std::int64_t cost_pico_usd = 0, unpriced_calls = 0;  // of this run so far
};
std::optional<Lease> find_lease(store::Transaction& rows, std::int64_t task);
/// Deletes the lease; its slot is free.
void drop_lease(Ledger& ledger, const Lease& lease);
/// The lease ends without a result that counts: back to the queue, backoff, or an end.
void release(Ledger& ledger, const Lease& lease, GivenUp how, std::string_view message);
/// The task waits for its next attempt: full jitter up to min(300, 2^attempt) s.
void back_off(Ledger& ledger, const Lease& lease);
/// A lease is accepted as of now: also by a node that lists the run at its hello.
void mark_accepted(Ledger& ledger, const Lease& lease, std::int64_t epoch);

}  // namespace flotte::fleet
