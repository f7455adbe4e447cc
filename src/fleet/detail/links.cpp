// Fleet's inside: links of nodes. LinkCore decides, this performs.
#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "fleet/detail/core.hpp"
#include "fleet/suspended.hpp"

namespace flotte::fleet::detail {

void Core::attach(NodeConnection& connection, bool trusted) {
  const std::uint64_t id = next_link_++;
  LinkOptions options{options_.hub, options_.make_nonce ? options_.make_nonce() : std::string(), trusted, options_.policy.lease,
                      options_.spares};
  Link& link = links_.emplace(id, Link{&connection, LinkCore(std::move(options)), {}, trusted}).first->second;
  perform(id, link.core.on_open());
}

std::optional<std::uint64_t> Core::link_of(const NodeConnection& connection) const {
  for (const auto& [id, link] : links_)
    if (link.connection == &connection) return id;
  return std::nullopt;
}

std::optional<std::uint64_t> Core::link_of(std::int64_t node) const {
  for (const auto& [id, link] : links_)
    if (link.core.linked() && link.core.session().node == node) return id;
  return std::nullopt;
}

void Core::on_message(NodeConnection& connection, const wire::ToHub& message) {
  if (const auto id = link_of(connection)) perform(*id, links_.at(*id).core.on(message));
}

void Core::on_closed(NodeConnection& connection) {
  const auto id = link_of(connection);
  if (!id) return;
  Link& link = links_.at(*id);
  const bool registering = link.core.state() == LinkCore::State::registering;
  link.connection = nullptr;
  perform(*id, link.core.on_closed());
  // The answer to its registration must still find it, so that the epoch it made is given up.
  if (!registering) links_.erase(*id);
}

void Core::perform(std::uint64_t id, LinkActions actions) {
  for (LinkAction& action : actions) perform_one(id, action);
}

void Core::perform_one(std::uint64_t id, LinkAction& action) {
  Link& link = links_.at(id);
  auto self = shared_from_this();
  // What a node says after an acceptance must find it stored.
  if (!std::holds_alternative<AcceptRun>(action) && !std::holds_alternative<SendToNode>(action)) store_acceptances();
  // An answer for a link that is gone meanwhile concerns nobody.
  const auto with = [self, id](auto step) {
    if (const auto it = self->links_.find(id); it != self->links_.end()) self->perform(id, step(it->second.core));
  };
  if (auto* send = std::get_if<SendToNode>(&action)) {
    if (link.connection) link.connection->send(std::move(send->message));
  } else if (auto* close = std::get_if<CloseLink>(&action)) {
    log::info("closing a node's link", {{"node", link.core.node()}, {"why", close->reason}});
    if (link.connection) link.connection->close(std::move(close->reason));
  } else if (const auto* hello = std::get_if<Register>(&action)) {
    register_node(id, hello->hello);
  } else if (const auto* beat = std::get_if<ExtendLease>(&action)) {
    view_.beat(beat->session.node, beat->beat.load, store_.now());
    act_here<bool>([s = beat->session](Ledger& ledger) -> Result<bool> { return fleet::beat(ledger, s); },
                   [with, b = beat->beat](Result<bool> r) { with([&](LinkCore& core) { return core.on_beat(b, r); }); });
  } else if (auto* taken = std::get_if<AcceptRun>(&action)) {
    accepting_.emplace_back(id, std::move(*taken));
    if (accepting_.size() == 1) post_([self] { self->store_acceptances(); });
  } else if (const auto* refused = std::get_if<RefuseRun>(&action)) {
    refuse(*refused);
  } else if (const auto* apply = std::get_if<ApplyRecords>(&action)) {
    const bool ends = failpoint::compiled && std::any_of(apply->records.items.begin(), apply->records.items.end(),
                                                         [](const wire::Record& r) { return r.kind == wire::RecordKind::finished; });
    act_here<Applied>(
        [s = apply->session, items = apply->records.items, previous = apply->previous, ends](Ledger& ledger) -> Result<Applied> {
          Applied applied = apply_records(ledger, s, items, previous);
          if (ends)
            if (auto failed = failpoint::failure(Failpoint::complete_before_commit)) return Failure(std::move(*failed));
          return applied;
        },
        [with, ends](Result<Applied> r) {
          if (ends && r) failpoint::reach(Failpoint::complete_after_commit);
          with([&](LinkCore& core) { return core.on_applied(r); });
        });
  } else if (const auto* announcement = std::get_if<StoreAnnouncement>(&action)) {
    store_announcement(*announcement);
  } else if (const auto* doing = std::get_if<ShowDoing>(&action)) {
    view_.doing(link.core.session().node, doing->what);
    say(worker_word, doing->what.worker + "@" + link.core.node());
    if (doing->what.activities.empty() && view_.is_draining(link.core.session().node)) say_node(link.core.session().node);  // drained now
  } else if (const auto* leave = std::get_if<Leave>(&action)) {
    const Session session = leave->session;
    act_here<std::optional<WallTime>>(
        [self, session, how = leave->how, at_most = link.sleeps_at_most](Ledger& ledger) -> Result<std::optional<WallTime>> {
          auto until = say_goodbye(ledger, session, how, at_most);
          self->dispatcher_.unlink(session);
          return until;
        },
        [self, node = session.node](Result<std::optional<WallTime>> until) {
          if (until && *until) self->view_.sleeps(node, **until);
          self->say_node(node);
        });
    view_.away(session.node, leave->how.sleeping ? "suspended" : "lost");
    say_node(session.node);
  } else if (const auto* gone = std::get_if<Unlink>(&action)) {
    unlink(gone->session);
  }
}

/// Acceptances that came in one turn of the loop share a closure: a batch is handed out by the hundred.
void Core::store_acceptances() {
  if (accepting_.empty()) return;
  auto self = shared_from_this();
  auto taken = std::make_shared<std::vector<std::pair<std::uint64_t, AcceptRun>>>(std::exchange(accepting_, {}));
  act_here<std::vector<Acceptance>>(
      [taken](Ledger& ledger) -> Result<std::vector<Acceptance>> {
        std::vector<Acceptance> out;
        for (const auto& [link, one] : *taken) out.push_back(accept(ledger, one.session, one.run));
        return out;
      },
      [self, taken](Result<std::vector<Acceptance>> answers) {
        for (std::size_t i = 0; i < taken->size(); ++i) {
          const auto& [id, one] = (*taken)[i];
          const auto link = self->links_.find(id);
          if (link == self->links_.end()) continue;
          const Result<Acceptance> answer = answers ? Result<Acceptance>((*answers)[i]) : Result<Acceptance>(Failure(answers.error()));
          self->perform(id, link->second.core.on_accepted(one.run, answer));
        }
      });
}

void Core::register_node(std::uint64_t id, const wire::Hello& hello) {
  Link& link = links_.at(id);
  link.hello = hello;
  auto self = shared_from_this();
  const std::string nonce = link.core.nonce();
  act_here<Registered>(
      [self, hello, nonce, trusted = link.trusted](Ledger& ledger) -> Result<Registered> {
        wire::Hello known = hello;
        if (!trusted) {
          auto name = self->credentials_.check_node(ledger.rows, hello, nonce, self->options_.hub);
          if (!name) return pass(name);
          known.node = std::move(*name);
        }
        auto registered = fleet::register_node(ledger, known);
        if (!registered) return registered;
        std::vector<std::string> labels = hello.host.all_labels();
        labels.insert(labels.end(), registered->labels.begin(), registered->labels.end());
        self->dispatcher_.link(registered->session, known.node, labels, hello.workers, registered->draining);
        return registered;
      },
      [self, id](Result<Registered> answer) { self->on_registered(id, answer); });
}

void Core::on_registered(std::uint64_t id, const Result<Registered>& answer) {
  const auto it = links_.find(id);
  if (it == links_.end()) return;
  if (answer) {
    it->second.hello.node = answer->name;
    // An older link of the same node is half open at best: its epoch is over.
    if (const auto older = link_of(answer->session.node))
      perform(*older, links_.at(*older).core.replace("the node came back on another link"));
  } else {
    log::warning("node refused", {{"node", it->second.hello.node}, {"error", answer.error().text()}});
  }
  const bool alive = it->second.connection != nullptr;
  perform(id, it->second.core.on_registered(answer, answer ? credentials_.stream_ticket(it->second.hello.node) : std::string()));
  if (!alive) {
    links_.erase(id);
    return;
  }
  if (!answer) return;
  view_.linked(*answer, it->second.hello, store_.now());
  waking_.forget(answer->session.node);
  log::info(
      "node linked",
      {{"node", it->second.hello.node}, {"epoch", answer->session.epoch}, {"kept", answer->keep.size()}, {"dropped", answer->drop.size()}});
  say_node(answer->session.node);
}

void Core::unlink(const Session& session) {
  auto self = shared_from_this();
  act_here<bool>(
      [self, session](Ledger&) -> Result<bool> {
        self->dispatcher_.unlink(session);
        return true;
      },
      [](Result<bool>) {});
  const auto other = link_of(session.node);
  if (other && links_.at(*other).core.session().epoch != session.epoch) return;  // it is back already
  for (const wire::NodeView& node : view_.nodes())
    if (node.id == wire::format_id('n', session.node) && (node.state == "linked" || node.state == "draining" || node.state == "drained"))
      view_.away(session.node, "lost");
  say_node(session.node);
}

void Core::refuse(const RefuseRun& refused) {
  auto self = shared_from_this();
  act_here<bool>(
      [self, refused](Ledger& ledger) -> Result<bool> {
        if (refused.unfit) set_aside(ledger, refused.session, refused.run);
        if (const auto d = fleet::refuse(ledger, refused.session, refused.run, refused.message))
          self->dispatcher_.rest(d->node, d->worker, ledger.rows.now() + self->options_.policy.refusal_rest);
        return true;
      },
      [](Result<bool>) {});
}

void Core::store_announcement(const StoreAnnouncement& announcement) {
  auto self = shared_from_this();
  act_here<bool>(
      [self, announcement, given = view_.given_labels(announcement.session.node)](Ledger& ledger) -> Result<bool> {
        announce(ledger, announcement.session, announcement.what);
        if (announcement.what.host) {
          std::vector<std::string> labels = announcement.what.host->all_labels();
          labels.insert(labels.end(), given.begin(), given.end());
          self->dispatcher_.set_labels(announcement.session.node, labels);
        }
        self->dispatcher_.announce(announcement.session, announcement.what.workers);
        return true;
      },
      [](Result<bool>) {});
  const std::vector<std::string> before = view_.workers_of(announcement.session.node);
  view_.announced(announcement.session.node, announcement.what);
  for (const std::string& worker : before) say(worker_word, worker);
  say_node(announcement.session.node);
}

void Core::set_spares(const std::string& node, int keep, int now) {
  const auto id = view_.find(node);
  const auto link = id ? link_of(*id) : std::nullopt;
  if (link) perform(*link, links_.at(*link).core.set_spares(keep, now));
}

void Core::suspend(const std::string& name, milliseconds at_most, std::function<void(Result<void>)> done) {
  const auto id = view_.find(name);
  if (!id) return done(fail(Code::not_found, fmt::format("no node '{}'", name), "see `flotte node ls`"));
  if (const auto link = link_of(*id)) {
    LinkCore& core = links_.at(*link).core;
    if (!core.understands("suspend"))
      return done(fail(Code::unsupported, fmt::format("the flotte on {} is too old to be told that it sleeps", name),
                       fmt::format("install flotte {} there", FLOTTE_VERSION)));
    links_.at(*link).sleeps_at_most = at_most;
    perform(*link, core.suspend(at_most));
    return done({});
  }
  auto self = shared_from_this();
  act_here<std::optional<WallTime>>(
      [id, at_most](Ledger& ledger) -> Result<std::optional<WallTime>> { return suspend_node(ledger, *id, at_most); },
      [self, id, name, done](Result<std::optional<WallTime>> until) {
        if (!until) return done(pass(until));
        if (!*until)
          return done(fail(Code::conflict, fmt::format("{} is lost: its work was given to others, nothing is left to wait for", name)));
        self->view_.away(*id, "suspended");
        self->view_.sleeps(*id, **until);
        self->say_node(*id);
        done({});
      });
}

void Core::set_draining(const std::string& name, bool draining, std::function<void(Result<void>)> done) {
  auto self = shared_from_this();
  const auto id = view_.find(name);
  act_here<bool>(
      [self, name, draining, id](Ledger& ledger) -> Result<bool> {
        if (auto good = fleet::set_draining(ledger, name, draining); !good) return pass(good);
        if (id) self->dispatcher_.set_draining(*id, draining);
        return true;
      },
      [self, id, draining, done](Result<bool> r) {
        if (r && id) {
          self->view_.draining(*id, draining);
          self->say_node(*id);
        }
        done(r ? Result<void>() : Result<void>(pass(r)));
      });
}

void Core::change_node(const std::string& name, NodeChange change, AlsoInRows also, std::function<void(Result<void>)> done) {
  auto self = shared_from_this();
  const auto known = view_.find(name);
  const std::vector<std::string> own = known ? view_.own_labels(*known) : std::vector<std::string>();
  act_here<std::int64_t>(
      [self, name, change, also, own](Ledger& ledger) -> Result<std::int64_t> {
        const auto id = fleet::change_node(ledger.rows, name, change);
        if (!id) return id;
        if (auto good = also(ledger.rows); !good) return pass(good);
        if (change.labels) {
          std::vector<std::string> labels = own;
          labels.insert(labels.end(), change.labels->begin(), change.labels->end());
          self->dispatcher_.set_labels(*id, labels);
        }
        if (change.name && *change.name != name) self->dispatcher_.forget(*id);  // it links again under the new name
        return id;
      },
      [self, name, change, done](Result<std::int64_t> id) {
        if (!id) return done(pass(id));
        const std::vector<std::string> before = self->view_.workers_of(*id);
        if (change.labels) self->view_.set_labels(*id, *change.labels);
        if (change.name && *change.name != name) {
          self->view_.rename(*id, *change.name);
          if (const auto link = self->link_of(*id))
            self->perform(*link, self->links_.at(*link).core.replace("the node was renamed to " + *change.name));
        }
        for (const std::string& worker : before) self->say(worker_word, worker);
        self->say_node(*id);
        done({});
      });
}

void Core::revoke(const std::string& name, std::function<void(Result<void>)> done) {
  auto self = shared_from_this();
  act_here<std::int64_t>(
      [self, name](Ledger& ledger) -> Result<std::int64_t> {
        const auto node = revoke_node(ledger, name);
        if (node) self->dispatcher_.forget(*node);
        return node;
      },
      [self, done](Result<std::int64_t> node) {
        if (!node) return done(pass(node));
        if (const auto link = self->link_of(*node)) self->perform(*link, self->links_.at(*link).core.revoke());
        self->view_.away(*node, "revoked");
        self->say_node(*node);
        done({});
      });
}

}  // namespace flotte::fleet::detail
