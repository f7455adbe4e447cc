// Why a task does not run, said of each state.
#include "fleet/why.hpp"

#include <fmt/format.h>

#include "base/money.hpp"
#include "fleet/detail/why_queued.hpp"
#include "fleet/pauses.hpp"

namespace flotte::fleet {
namespace {

std::string why_paused(const WhyFacts& facts) {
  if ((facts.paused & paused_by_project) != 0) return fmt::format("its project {} is paused", facts.project);
  if ((facts.paused & paused_by_batch) != 0) return fmt::format("its batch {} is paused", facts.task.batch);
  return fmt::format("its flow {} is paused", facts.task.flow);
}

/// Why nobody is asked for its model now.
std::string why_out(const WhyFacts& facts, const std::string& in, json::object& out) {
  const std::string model = facts.need.model.empty() ? "its model" : facts.need.model;
  if (facts.out_reset) out["reset_at"] = to_rfc3339(*facts.out_reset);
  const std::string over = facts.out_reset ? fmt::format(" (it should be over at {})", to_rfc3339(*facts.out_reset)) : "";
  switch (facts.out_why) {
    case OutWhy::quota:
      return fmt::format("everybody who answers for {} has used up a quota or asked to be called later{}; it is looked at again in {}",
                         model, over, in);
    case OutWhy::outage: return fmt::format("nobody who answers for {} can be reached; it is looked at again in {}", model, in);
    case OutWhy::limits:
      return fmt::format(
          "the limits of those who answer for {} are used up by others before it, {} of them of its kind; it is looked at again in {}",
          model, facts.ahead, in);
    case OutWhy::ramp:
      return fmt::format("{} can be asked again since a moment ago, and its tasks start slowly; {} are before it", model, facts.ahead);
  }
  return {};
}

/// "it waits for t3 (running), t4 (queued) and 8 more".
std::string why_dependency(const OpenDependencies& dependencies, json::object& out) {
  std::string list;
  json::array names;
  for (const DependencyState& one : dependencies.first) {
    names.emplace_back(one.id);
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", one.id, one.state);
  }
  out["waits_for"] = std::move(names);
  out["open_dependencies"] = dependencies.count;
  if (list.empty()) return "what it waited for has ended; it is its turn now";
  const auto more = dependencies.count - static_cast<std::int64_t>(dependencies.first.size());
  return more > 0 ? fmt::format("it waits for {} and {} more", list, more) : fmt::format("it waits for {}", list);
}

std::string why_waiting(const WhyFacts& facts, WallTime now, json::object& out) {
  const auto until = facts.waits_until;
  const std::string in = until ? fmt::format("{} s", std::max<std::int64_t>(0, (*until - now).count() + 999) / 1000) : "a while";
  switch (facts.task.reason) {
    case wire::Reason::time: return fmt::format("it waits for its time, {}", until ? to_rfc3339(*until) : "later");
    case wire::Reason::backoff: {
      const std::string last = facts.task.error ? facts.task.error->message : facts.node_message;
      return fmt::format("attempt {} did not succeed{}; the next one comes in {}", facts.task.attempt,
                         last.empty() ? "" : " (" + last + ")", in);
    }
    case wire::Reason::paused: return why_paused(facts);
    case wire::Reason::dependency: return why_dependency(facts.dependencies, out);
    case wire::Reason::quota:
      if (!facts.deferred) return why_out(facts, in, out);
      return fmt::format("nobody could answer it just now{}; it is tried again in {}, and no attempt was used",
                         facts.task.error ? " (" + facts.task.error->message + ")" : "", in);
    case wire::Reason::approval: return "it waits until a person has answered";
    case wire::Reason::budget:
      return fmt::format("its budget{} is spent", facts.task.budget_pico_usd ? " of $" + format_usd(*facts.task.budget_pico_usd) : "");
    case wire::Reason::none: return "it waits, and nobody has said why";
  }
  return {};
}

}  // namespace

json::object Why::to_json() const {
  json::object o = facts;
  o["text"] = sentence;
  o["hint"] = hint.empty() ? json::value(nullptr) : json::value(hint);
  return o;
}

Why explain(const WhyFacts& facts, WallTime now) {
  Why why;
  why.facts = {{"id", facts.task.id},
               {"state", wire::to_string(facts.task.state)},
               {"reason", facts.task.reason == wire::Reason::none ? json::value(nullptr) : json::value(wire::to_string(facts.task.reason))},
               {"needs", detail::wish(facts.need)},
               {"due_at", facts.waits_until ? json::value(to_rfc3339(*facts.waits_until)) : json::value(nullptr)},
               {"workers", wire::terminal(facts.task.state) ? json::array{} : detail::judge_workers(facts)}};
  switch (facts.task.state) {
    case wire::TaskState::queued:
      why.sentence = detail::why_queued(facts, now, why.facts);
      why.hint = detail::queued_hint(facts, why.facts);
      break;
    case wire::TaskState::waiting: why.sentence = why_waiting(facts, now, why.facts); break;
    case wire::TaskState::offered:
      why.sentence = fmt::format("it was offered to {}@{}, which has not answered yet", facts.task.worker, facts.task.node);
      break;
    case wire::TaskState::running:
      why.sentence = fmt::format("it runs on {}@{}, attempt {}", facts.task.worker, facts.task.node, facts.task.attempt);
      if (facts.stopping > 0)
        why.sentence += fmt::format(", and is being stopped: {}", facts.stopping == 1   ? "somebody cancelled it"
                                                                  : facts.stopping == 2 ? "its deadline has passed"
                                                                                        : "its budget is spent");
      for (const WhyFacts::Worker& w : facts.workers)
        if (w.place.node == facts.task.node && w.asleep_until)
          why.sentence = fmt::format("its node {} sleeps; it goes on when that wakes, and is given to another at {}", w.place.node,
                                     to_rfc3339(*w.asleep_until));
      break;
    case wire::TaskState::succeeded: why.sentence = fmt::format("it is done, by {}@{}", facts.task.worker, facts.task.node); break;
    case wire::TaskState::cancelled:
      why.sentence = "it was cancelled";
      if (facts.task.reason == wire::Reason::dependency) {
        const std::string id = facts.failed ? facts.failed->id : std::string();
        why.sentence = facts.failed
                           ? fmt::format("it was cancelled: {}, which it depends on, has not succeeded ({})", id, facts.failed->state)
                           : "it was cancelled: something that it depends on had not succeeded";
        why.hint = facts.failed ? fmt::format("flotte {0} retry {1}, then flotte task retry {2}; or submit with if_dependency_fails = run",
                                              id.starts_with('b') ? "batch" : "task", id, facts.task.id)
                                : fmt::format("flotte task retry {}", facts.task.id);
      }
      if (facts.task.reason != wire::Reason::budget) break;
      if (facts.task.budget_pico_usd && !facts.batch_spent) {
        why.sentence = fmt::format(
            "it was cancelled: its calls had cost ${} of its budget of ${}, and the next one might have cost more than was left",
            format_usd(facts.task.usage.cost_pico_usd), format_usd(*facts.task.budget_pico_usd));
        why.hint = "what it wrote until then is its result; `flotte task retry` gives it the same budget again";
        break;
      }
      why.sentence = fmt::format("it was cancelled: its batch {} had spent its limit{}", facts.task.batch,
                                 facts.limit_pico_usd ? " of $" + format_usd(*facts.limit_pico_usd) : "");
      why.hint = "submit what is left as a new batch, with a new limit";
      break;
    case wire::TaskState::failed:
      why.hint = fmt::format("flotte task retry {}", facts.task.id);
      why.sentence = fmt::format("it failed: {}", facts.task.error ? facts.task.error->text() : "nobody said why");
      break;
  }
  return why;
}

}  // namespace flotte::fleet
