// The rules of extended thinking: a budget of at least 1024 below max_tokens, no forced tool, signed thinking before the last calls.
#include "dialect/anthropic/thinking.hpp"

#include <algorithm>

#include "dialect/detail/thought_mark.hpp"

namespace flotte::dialect::anthropic {
namespace {

constexpr std::int64_t least_budget = 1024;

bool signed_thinking(const llm::Message& message) {
  return std::any_of(message.parts.begin(), message.parts.end(), [](const llm::Part& part) {
    const auto* reasoning = part.as<llm::Reasoning>();
    return reasoning && (!reasoning->signature.empty() || !reasoning->encrypted.empty()) && !detail::is_marked(*reasoning);
  });
}

/// The conversation ends with the results of calls whose thinking the client does not have any more.
bool lacks_thinking(const llm::Request& request) {
  if (request.messages.empty() || request.messages.back().role != llm::Role::tool) return false;
  const auto last = std::find_if(request.messages.rbegin(), request.messages.rend(),
                                 [](const llm::Message& m) { return m.role == llm::Role::assistant; });
  return last != request.messages.rend() && !signed_thinking(*last);
}

std::string effort_word(const std::string& word) {
  if (word == "minimal") return "low";
  return word == "xhigh" ? "high" : word;
}

std::int64_t budget_of(const std::string& effort) {
  if (effort == "low" || effort == "minimal") return 4096;
  return effort == "medium" || effort.empty() ? 16384 : 32768;
}

}  // namespace

ThinkingPlan plan_thinking(const llm::Request& request, const Target& target, Ledger& ledger) {
  using Wish = llm::ReasoningWish::Mode;
  using Mode = ThinkingPlan::Mode;
  const llm::ReasoningWish& wish = request.reasoning;
  ThinkingPlan plan;
  if (!request.max_tokens) ledger.meet(Feature::max_tokens_missing, Place("max_tokens"));
  plan.max_tokens = request.max_tokens.value_or(target.default_max_tokens);
  if (wish.mode == Wish::off) plan.mode = Mode::off;
  if (wish.mode == Wish::off || (wish.mode == Wish::unset && wish.effort.empty())) return plan;
  const bool forced =
      request.tool_choice.mode == llm::ToolChoice::Mode::required || request.tool_choice.mode == llm::ToolChoice::Mode::named;
  if (forced || lacks_thinking(request)) {
    ledger.meet(Feature::reasoning_blocked, Place("reasoning"));
    return plan;
  }
  if (wish.mode != Wish::on && target.thinking == Target::Thinking::adaptive) {
    plan.mode = Mode::adaptive;
    plan.effort = effort_word(wish.effort);
    return plan;
  }
  plan.mode = Mode::budget;
  plan.budget = wish.budget_tokens.value_or(budget_of(wish.effort));
  if (target.thinking == Target::Thinking::adaptive) plan.effort = effort_word(wish.effort);
  if (!request.max_tokens) plan.max_tokens += plan.budget;
  if (plan.budget < plan.max_tokens) return plan;
  ledger.meet(Feature::max_tokens_raised, Place("max_tokens"));
  plan.budget = plan.max_tokens / 2;
  if (plan.budget < least_budget) plan.mode = Mode::unset;
  return plan;
}

}  // namespace flotte::dialect::anthropic
