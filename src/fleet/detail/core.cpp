// Fleet's inside: transactions, what they leave to be told, time.
#include "fleet/detail/core.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "fleet/dependencies.hpp"
#include "fleet/idle_flows.hpp"

namespace flotte::fleet::detail {

Core::Core(store::Store& store, Credentials& credentials, Post post, FleetOptions options)
    : store_(store), credentials_(credentials), post_(std::move(post)), options_(std::move(options)), random_(options_.seed) {}

void Core::act(Body body, Answered answered) {
  auto self = shared_from_this();
  auto parcel = std::make_shared<Parcel>();
  store_.post_write<bool>(
      [self, parcel, body = std::move(body)](store::Transaction& rows) -> Result<bool> {
        self->dispatcher_.refresh(rows);
        Ledger ledger{rows, parcel->changes, self->random_, self->options_.policy, self->options_.keep_text, self->options_.read_text};
        if (auto error = body(ledger)) return Failure(std::move(*error));
        parcel->hand_outs = self->dispatcher_.hand_out(ledger);
        parcel->wakes_at = self->dispatcher_.wakes_at();
        if (!parcel->hand_outs.empty())
          if (auto failed = failpoint::failure(Failpoint::claim_before_commit)) return Failure(std::move(*failed));
        return true;
      },
      [self, parcel, answered = std::move(answered)](Result<bool> committed) {
        // The answer first: what it makes ready (a link that is welcomed) takes in what is delivered.
        const bool deliver = committed.has_value();
        answered(committed ? std::nullopt : std::optional(std::move(committed.error())));
        if (deliver) self->post_([self, parcel] { self->deliver(*parcel); });
      });
}

void Core::due_at(WallTime time) {
  if (next_due_ && *next_due_ <= time) return;
  next_due_ = time;
  if (wake_ticks_) wake_ticks_();
}

void Core::deliver(Parcel& parcel) {
  if (stopped_) return;
  if (!parcel.hand_outs.empty()) failpoint::reach(Failpoint::claim_after_commit);
  for (HandOut& hand_out : parcel.hand_outs) hand(hand_out);
  for (const auto& [node, run] : parcel.changes.cancels)
    if (const auto link = link_of(node)) perform(*link, links_.at(*link).core.cancel(run));
  for (const auto& [node, run] : parcel.changes.drops)
    if (const auto link = link_of(node)) perform(*link, links_.at(*link).core.drop(run));
  for (const Changes::Ended& ended : parcel.changes.ended) {
    view_.count(ended);
    if (!ended.worker.empty()) say(worker_word, ended.worker + "@" + ended.node);
  }
  for (const std::int64_t task : parcel.changes.tasks) say(task_word, wire::format_id('t', task));
  for (const std::int64_t batch : parcel.changes.batches) say(batch_word, wire::format_id('b', batch));
  if (parcel.changes.due) due_at(*parcel.changes.due);
  if (parcel.wakes_at) due_at(*parcel.wakes_at);
}

void Core::hand(HandOut& hand_out) {
  const auto link = link_of(hand_out.session.node);
  if (link && links_.at(*link).core.session().epoch == hand_out.session.epoch) {
    hand_out.offer.key = credentials_.run_key(hand_out.task, hand_out.offer.run.fence);
    return perform(*link, links_.at(*link).core.offer(std::move(hand_out.offer)));
  }
  // The link went away between the lease and now: nobody saw the offer, and nobody there can see another.
  act_here<bool>(
      [self = shared_from_this(), session = hand_out.session, run = hand_out.offer.run](Ledger& ledger) -> Result<bool> {
        withdraw(ledger, session, run);
        self->dispatcher_.unlink(session);
        return true;
      },
      [](Result<bool>) {});
}

/// Again and again until the database could do it: nothing is rescued before the grace is written.
void Core::take_up() {
  auto self = shared_from_this();
  act_here<std::vector<StoredNode>>(
      [self](Ledger& ledger) -> Result<std::vector<StoredNode>> {
        grant_grace(ledger);
        settle_schedules(ledger, self->zones_);
        std::vector<StoredNode> nodes = stored_nodes(ledger.rows);
        for (const auto& [id, worker] : paused_workers(ledger.rows))
          for (StoredNode& node : nodes)
            if (node.id == id) node.paused.push_back(worker);
        return nodes;
      },
      [self](Result<std::vector<StoredNode>> nodes) {
        self->ticking_ = false;
        if (!nodes) return log::error("nodes could not be read", {{"error", nodes.error().text()}});
        self->taken_up_ = true;
        self->view_.load(std::move(*nodes));
        for (const wire::NodeView& node : self->view_.nodes()) self->say(node_word, node.id);
        self->tick();
      });
}

Core::Ticked Core::tend(Ledger& ledger) {
  Ticked out;
  const WallTime now = ledger.rows.now();
  for (const Declined& d : take_back_overdue(ledger)) dispatcher_.rest(d.node, d.worker, now + options_.policy.refusal_rest);
  out.rescued = rescue(ledger);
  for (const std::int64_t node : out.rescued) dispatcher_.forget(node);
  out.due = promote_due(ledger);
  out.more = expire_tasks(ledger) >= 200;
  out.more |= cancel_some(ledger);
  out.more |= fold_dependencies(ledger);
  if (const auto next = fire_schedules(ledger, zones_); next && (!out.due || *next < *out.due)) out.due = next;
  if (now - keys_forgotten_ > std::chrono::hours(1)) {
    if (forget_keys(ledger) < 1000) keys_forgotten_ = now;
  }
  if (now - flows_forgotten_ > std::chrono::hours(1)) {
    idle_flow_ = forget_idle_flows(ledger, idle_flow_);
    if (idle_flow_ == 0) flows_forgotten_ = now;
  }
  return out;
}

void Core::tick() {
  if (ticking_ || stopped_) return;  // the database is slower than the clock: one is enough
  ticking_ = true;
  next_due_.reset();
  if (!taken_up_) return take_up();
  auto self = shared_from_this();
  act_here<Ticked>(
      [self, looks = looks_for_sleepers()](Ledger& ledger) -> Result<Ticked> {
        Ticked done = self->tend(ledger);
        if (looks) done.unmet = self->dispatcher_.unmet(ledger.rows);
        if (!done.rescued.empty())
          if (auto failed = failpoint::failure(Failpoint::rescue_before_commit)) return Failure(std::move(*failed));
        return done;
      },
      [self](Result<Ticked> ticked) {
        self->ticking_ = false;
        if (!ticked) {
          self->taken_up_ = false;  // beats could not be written either: their nodes are given a lease's time again
          return log::warning("the fleet's clockwork could not write", {{"error", ticked.error().text()}});
        }
        for (const std::int64_t node : ticked->rescued) {
          log::info("node lost", {{"node", self->view_.node_name(node)}});
          if (const auto link = self->link_of(node))
            self->perform(*link, self->links_.at(*link).core.replace("it was not heard of for one lease"));
          self->view_.away(node, "lost");
          self->say_node(node);
        }
        if (ticked->unmet) self->call_sleepers(*ticked->unmet);
        if (ticked->due) self->due_at(*ticked->due);
        if (ticked->more) self->due_at(self->store_.now());
      });
}

void Core::say_node(std::int64_t node) {
  say(node_word, wire::format_id('n', node));
  for (const std::string& worker : view_.workers_of(node)) say(worker_word, worker);
}

}  // namespace flotte::fleet::detail
