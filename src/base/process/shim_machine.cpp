// The shim's decisions.
#include "base/process/shim_machine.hpp"

#include <algorithm>

namespace flotte {
namespace {
/// Processes that a child left behind after its own end are not worth the whole grace.
constexpr std::chrono::milliseconds leftover_grace{1'000};
constexpr std::chrono::milliseconds kill_again{50};
}  // namespace

void ShimMachine::on_stop(ShimEnd why, Time now) {
  if (why_) return;
  why_ = why;
  kill_at_ = now + plan_.grace;
}

void ShimMachine::on_child_ended(Time now) {
  child_ended_ = true;
  if (why_) return;
  why_ = ShimEnd::exited;
  kill_at_ = now + std::min(plan_.grace, leftover_grace);
}

ShimMachine::Time ShimMachine::deadline() const {
  Time at = Time::max();
  if (!plan_.bound) at = std::min(at, heard_ + plan_.lease);
  if (plan_.time_limit.count() > 0) at = std::min(at, started_ + plan_.time_limit);
  return at;
}

ShimMachine::Action ShimMachine::step(bool descendants, Time now) {
  // Woken much later than asked for, the machine slept and the node with it: it gets a third of a lease to speak again.
  const bool slept = !plan_.bound && now > heard_ + plan_.lease + plan_.lease / 3;
  if (!why_ && slept) heard_ = now - plan_.lease * 2 / 3;
  if (!why_ && !plan_.bound && now >= heard_ + plan_.lease) on_stop(ShimEnd::no_node, now);
  if (!why_ && plan_.time_limit.count() > 0 && now >= started_ + plan_.time_limit) on_stop(ShimEnd::time_limit, now);
  if (!why_) return Action::nothing;
  if (!descendants && child_ended_) return Action::finish;
  if (now >= *kill_at_) return Action::kill;
  if (terminated_) return Action::nothing;
  terminated_ = true;
  return Action::terminate;
}

ShimMachine::Time ShimMachine::wait(Time now) const {
  if (!why_) return std::max(Time(0), deadline() - now);
  // A descendant that is not our child ends without a signal to us, so we look again now and then.
  return now >= *kill_at_ ? kill_again : std::min(*kill_at_ - now, Time(200));
}

}  // namespace flotte
