// Fleet's inside: workers that the hub gives to nodes, and machines that are woken for their work.
#include <fmt/format.h>

#include "base/log.hpp"
#include "fleet/detail/core.hpp"

namespace flotte::fleet::detail {
namespace {

constexpr seconds between_looks{5};

Result<std::int64_t> change_rows(store::Transaction& rows, DefinitionAction action, const std::string& node,
                                 const wire::WorkerInfo& worker) {
  switch (action) {
    case DefinitionAction::add: return define_worker(rows, node, worker);
    case DefinitionAction::set: return redefine_worker(rows, node, worker);
    case DefinitionAction::remove: break;
  }
  return remove_definition(rows, node, worker.name);
}

}  // namespace

void Core::define(DefinitionAction action, const std::string& node, const wire::WorkerInfo& worker,
                  std::function<void(Result<void>)> done) {
  struct Defined {
    std::int64_t node = 0;
    std::vector<wire::WorkerInfo> workers;
  };
  act_here<Defined>(
      [action, node, worker](Ledger& ledger) -> Result<Defined> {
        const auto id = change_rows(ledger.rows, action, node, worker);
        if (!id) return Failure(id.error());
        return Defined{*id, definitions_of(ledger.rows, *id)};
      },
      [self = shared_from_this(), worker, node, done](Result<Defined> defined) {
        if (!defined) return done(pass(defined));
        self->view_.set_defined(defined->node, defined->workers);
        if (const auto link = self->link_of(defined->node)) self->perform(*link, self->links_.at(*link).core.define(defined->workers));
        self->say(worker_word, worker.name + "@" + node);
        done({});
      });
}

bool Core::looks_for_sleepers() {
  if (!view_.sleeps() && !waking_.any()) return false;
  const WallTime now = store_.now();
  if (now - looked_for_sleepers_ < between_looks) return false;
  looked_for_sleepers_ = now;
  return true;
}

void Core::send_call(const fleet::Waking::Call& call, const std::vector<Sleeper>& nodes) {
  wire::Wake packet;
  for (const Sleeper& node : nodes)
    if (node.node == call.node) packet = {node.name, listening_cards(node.cards)};
  for (const std::int64_t helper : call.helpers)
    if (const auto link = link_of(helper)) perform(*link, links_.at(*link).core.wake(packet));
  const auto state = waking_.state(call.node);
  log::info("waking a machine", {{"node", packet.node}, {"by", state ? state->by : ""}, {"why not", state ? state->why : ""}});
}

void Core::call_sleepers(const std::vector<Need>& unmet) {
  const std::vector<Sleeper> nodes = view_.sleepers();
  for (const fleet::Waking::Call& call : waking_.plan(unmet, nodes, store_.now())) send_call(call, nodes);
  const auto shown = view_.nodes();
  for (const Sleeper& node : nodes) {
    const auto state = waking_.state(node.node);
    const std::string id = wire::format_id('n', node.node);
    const bool showed = std::any_of(shown.begin(), shown.end(), [&](const wire::NodeView& v) { return v.id == id && v.waking; });
    if (!state && !showed) continue;
    view_.set_waking(node.node, state);
    say(node_word, id);
  }
}

void Core::wake(const std::string& name, std::function<void(Result<void>)> done) {
  const std::vector<Sleeper> nodes = view_.sleepers();
  const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const Sleeper& s) { return s.name == name; });
  if (node == nodes.end()) return done(fail(Code::not_found, fmt::format("no node '{}'", name), "see `flotte node ls`"));
  if (node->linked) return done(fail(Code::conflict, fmt::format("{} is awake: it is linked to this hub", name)));
  const fleet::Waking::Call call = waking_.call(*node, nodes, store_.now());
  send_call(call, nodes);
  const auto state = waking_.state(node->node);
  view_.set_waking(node->node, state);
  say(node_word, wire::format_id('n', node->node));
  if (!call.helpers.empty()) return done({});
  done(fail(Code::unavailable, fmt::format("{} cannot be woken: {}", name, state->why),
            "a machine is woken by a node in its own network; it needs a wired card, and to have been linked once"));
}

}  // namespace flotte::fleet::detail
