// The hub's side of one node's link as a pure machine: messages and answers of the database in, actions out. `Fleet` performs them,
// the simulator too.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "fleet/leases.hpp"
#include "fleet/nodes.hpp"
#include "wire/link.hpp"

namespace flotte::fleet {

struct LinkOptions {
  std::string hub;       // its name
  std::string nonce;     // fresh for each link
  bool trusted = false;  // home: no signature
  milliseconds lease = seconds(30);
  int spares = 2;
};

// ---- actions -----------------------------------------------------------------------------------------------------
struct SendToNode {
  wire::ToNode message;
};
struct CloseLink {
  std::string reason;
};
/// Check the signature, register, answer with `on_registered`.
struct Register {
  wire::Hello hello;
};
/// Extend the lease, answer with `on_beat`.
struct ExtendLease {
  Session session;
  wire::Beat beat;
};
/// Answer with `on_accepted`.
struct AcceptRun {
  Session session;
  wire::RunId run;
};
struct RefuseRun {
  Session session;
  wire::RunId run;
  std::string message;
  bool unfit = false;  // nor later, in that node's version
};
/// Answer with `on_applied`.
struct ApplyRecords {
  Session session;
  wire::Records records;
  std::int64_t previous = 0;  // the last number before them on this link
};
struct StoreAnnouncement {
  Session session;
  wire::Announce what;
};
struct ShowDoing {
  wire::Doing what;
};
/// The node goes on purpose.
struct Leave {
  Session session;
  wire::Goodbye how;
};
/// The link ended; the node's workers get nothing any more.
struct Unlink {
  Session session;
};

using LinkAction = std::variant<SendToNode, CloseLink, Register, ExtendLease, AcceptRun, RefuseRun, ApplyRecords, StoreAnnouncement,
                                ShowDoing, Leave, Unlink>;
using LinkActions = std::vector<LinkAction>;

class LinkCore {
 public:
  explicit LinkCore(LinkOptions options) : options_(std::move(options)) {}

  LinkActions on_open();
  LinkActions on(const wire::ToHub& message);
  LinkActions on_closed();

  /// `ticket` opens streams.
  LinkActions on_registered(const Result<Registered>& answer, std::string ticket);
  LinkActions on_beat(const wire::Beat& beat, const Result<bool>& answer);
  LinkActions on_accepted(const wire::RunId& run, const Result<Acceptance>& answer);
  LinkActions on_applied(const Result<Applied>& answer);

  LinkActions offer(wire::Offer offer);
  LinkActions cancel(const wire::RunId& run);
  LinkActions drop(const wire::RunId& run);
  LinkActions revoke();
  LinkActions set_spares(int keep, int now);
  /// Nothing where it is not linked or does not `understand` it.
  LinkActions suspend(milliseconds at_most);
  bool understands(std::string_view feature) const;
  /// Its workers of the hub, the whole list.
  LinkActions define(std::vector<wire::WorkerInfo> workers);
  /// It is near a machine that sleeps.
  LinkActions wake(wire::Wake wake);
  /// Another link of the same node was registered, or the epoch is gone.
  LinkActions replace(std::string reason);

  enum class State { opening, greeting, registering, linked, leaving, closed };
  State state() const noexcept { return state_; }
  bool linked() const noexcept { return state_ == State::linked; }
  const Session& session() const noexcept { return session_; }
  const std::string& node() const noexcept { return node_; }
  const std::string& nonce() const noexcept { return options_.nonce; }

 private:
  struct On;
  LinkActions close(std::string reason);
  LinkActions turn_away(const wire::Hello& hello);
  LinkActions send_if_linked(wire::ToNode message);
  LinkOptions options_;
  State state_ = State::opening;
  Session session_;
  std::string node_;
  std::vector<std::string> features_;
  int protocol_ = wire::link_protocol;  // of this link
  std::int64_t last_record_ = 0;        // number of the last one that was heard here
};

}  // namespace flotte::fleet
