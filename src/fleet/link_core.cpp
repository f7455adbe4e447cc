// The hub's side of one node's link.
#include "fleet/link_core.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte::fleet {
namespace {
LinkActions just(LinkAction action) {
  LinkActions out;
  out.push_back(std::move(action));
  return out;
}
}  // namespace

LinkActions LinkCore::close(std::string reason) {
  if (state_ == State::closed) return {};
  LinkActions out;
  if (state_ == State::linked || state_ == State::leaving) out.push_back(Unlink{session_});
  state_ = State::closed;
  out.push_back(CloseLink{std::move(reason)});
  return out;
}

LinkActions LinkCore::send_if_linked(wire::ToNode message) {
  if (state_ != State::linked) return {};
  return just(SendToNode{std::move(message)});
}

LinkActions LinkCore::on_open() {
  state_ = State::greeting;
  return just(SendToNode{wire::Challenge{options_.nonce, options_.hub, wire::link_protocol, wire::oldest_link_protocol, FLOTTE_VERSION}});
}

LinkActions LinkCore::on_closed() {
  const bool was_linked = state_ == State::linked || state_ == State::leaving;
  state_ = State::closed;
  return was_linked ? just(Unlink{session_}) : LinkActions{};
}

/// What each message means where the node may say it.
struct LinkCore::On {
  LinkCore& core;
  LinkActions operator()(const wire::Hello&) const { return core.close("a second hello on one link"); }
  LinkActions operator()(const wire::Beat& m) const { return just(ExtendLease{core.session_, m}); }
  LinkActions operator()(const wire::Accept& m) const { return just(AcceptRun{core.session_, m.run}); }
  LinkActions operator()(const wire::Refuse& m) const { return just(RefuseRun{core.session_, m.run, m.message, m.unfit}); }
  LinkActions operator()(const wire::Announce& m) const { return just(StoreAnnouncement{core.session_, m}); }
  LinkActions operator()(const wire::Doing& m) const { return just(ShowDoing{m}); }
  LinkActions operator()(const wire::Goodbye& m) const {
    core.state_ = State::leaving;
    return just(Leave{core.session_, m});
  }
  LinkActions operator()(const wire::Records& m) const {
    const std::int64_t previous = core.last_record_;
    if (!m.items.empty()) core.last_record_ = m.items.back().number;
    return just(ApplyRecords{core.session_, m, previous});
  }
};

/// Who is too old, or too new, is told what to do before the link closes.
LinkActions LinkCore::turn_away(const wire::Hello& hello) {
  const bool old = hello.protocol < wire::oldest_link_protocol;
  const std::string said =
      fmt::format("{} is too {}: it is flotte {} (link protocol {}), this hub is flotte {} and speaks protocols {} to {}: {}", hello.node,
                  old ? "old" : "new", hello.host.version.empty() ? "of an unknown version" : hello.host.version, hello.protocol,
                  FLOTTE_VERSION, wire::oldest_link_protocol, wire::link_protocol,
                  old ? fmt::format("install flotte {} there and start the node again", FLOTTE_VERSION)
                      : std::string("bring the hub up to date first, then its nodes"));
  LinkActions out = just(SendToNode{wire::Stop{false, said}});
  for (LinkAction& action : close(said)) out.push_back(std::move(action));
  return out;
}

bool LinkCore::understands(std::string_view feature) const {
  return std::find(features_.begin(), features_.end(), feature) != features_.end();
}

LinkActions LinkCore::suspend(milliseconds at_most) {
  return understands("suspend") ? send_if_linked(wire::Suspend{at_most.count()}) : LinkActions{};
}

LinkActions LinkCore::on(const wire::ToHub& message) {
  switch (state_) {
    case State::linked: return std::visit(On{*this}, message);
    case State::greeting: {
      const auto* hello = std::get_if<wire::Hello>(&message);
      if (!hello) return close("the first message must be hello");
      if (hello->protocol < wire::oldest_link_protocol || hello->protocol > wire::link_protocol) return turn_away(*hello);
      protocol_ = hello->protocol;
      features_ = hello->host.features;
      if (!options_.trusted && hello->node == "home") return close("home is the hub's own node: give this one another name");
      node_ = hello->node;
      state_ = State::registering;
      return just(Register{*hello});
    }
    case State::registering: return close("nothing may be said before the welcome");
    case State::opening:
    case State::leaving:  // what was on the way when it said goodbye
    case State::closed: return {};
  }
  return {};
}

LinkActions LinkCore::on_registered(const Result<Registered>& answer, std::string ticket) {
  if (state_ != State::registering) {
    // The link went away meanwhile; the epoch just made is nobody's until the node comes back.
    return answer ? just(Unlink{answer->session}) : LinkActions{};
  }
  if (!answer) {
    // Who is not of this fleet any more is told so, and need not ask again; a database in trouble is no such thing.
    const Code code = answer.error().code;
    LinkActions out;
    if (code == Code::forbidden || code == Code::not_found || code == Code::unauthenticated)
      out.push_back(SendToNode{wire::Stop{true, answer.error().message}});
    for (LinkAction& action : close(answer.error().text())) out.push_back(std::move(action));
    return out;
  }
  session_ = answer->session;
  if (!answer->name.empty()) node_ = answer->name;
  state_ = State::linked;
  wire::Welcome welcome;
  welcome.node = answer->id;
  welcome.hub = options_.hub;
  welcome.ticket = std::move(ticket);
  welcome.epoch = session_.epoch;
  welcome.lease_ms = options_.lease.count();
  welcome.acknowledged = answer->acknowledged;
  welcome.spares = options_.spares;
  welcome.keep = answer->keep;
  welcome.drop = answer->drop;
  welcome.name = node_;
  welcome.workers = answer->workers;
  welcome.protocol = protocol_;
  return just(SendToNode{std::move(welcome)});
}

LinkActions LinkCore::on_beat(const wire::Beat& beat, const Result<bool>& answer) {
  if (state_ != State::linked) return {};
  if (!answer) return {};  // the database is in trouble; the node tries again at its next beat
  if (!*answer) return close("its lease ran out: it must say hello again");
  return just(SendToNode{wire::BeatAnswer{beat.number}});
}

LinkActions LinkCore::on_accepted(const wire::RunId& run, const Result<Acceptance>& answer) {
  if (!answer) return close(answer.error().within("an accepted run could not be stored").text());
  switch (*answer) {
    case Acceptance::accepted: return {};
    case Acceptance::stale: return drop(run);
    case Acceptance::cancelled: return cancel(run);
  }
  return {};
}

LinkActions LinkCore::on_applied(const Result<Applied>& answer) {
  // The node sends again what was not acknowledged, after its next hello.
  if (!answer) return close(answer.error().within("records could not be stored").text());
  if (state_ != State::linked) return {};
  LinkActions out = just(SendToNode{wire::Acknowledge{answer->acknowledged}});
  if (!answer->stale.empty()) out.push_back(SendToNode{wire::Drop{answer->stale}});
  return out;
}

LinkActions LinkCore::offer(wire::Offer offer) { return send_if_linked(std::move(offer)); }
LinkActions LinkCore::cancel(const wire::RunId& run) { return send_if_linked(wire::Cancel{run}); }
LinkActions LinkCore::drop(const wire::RunId& run) { return send_if_linked(wire::Drop{{run}}); }
LinkActions LinkCore::set_spares(int keep, int now) { return send_if_linked(wire::Spares{keep, now}); }
LinkActions LinkCore::define(std::vector<wire::WorkerInfo> workers) { return send_if_linked(wire::Define{std::move(workers)}); }
LinkActions LinkCore::wake(wire::Wake wake) { return send_if_linked(std::move(wake)); }

LinkActions LinkCore::revoke() {
  LinkActions out = send_if_linked(wire::Stop{true});
  for (LinkAction& action : close("this node was revoked")) out.push_back(std::move(action));
  return out;
}

LinkActions LinkCore::replace(std::string reason) { return close(std::move(reason)); }

}  // namespace flotte::fleet
