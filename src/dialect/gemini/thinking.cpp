// Sources: Gemini's documents, "Thinking" and "OpenAI compatibility" (budgets for the words of effort).
#include "dialect/gemini/thinking.hpp"

#include "dialect/gemini/model_kind.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::JsonWriter;
using Mode = llm::ReasoningWish::Mode;

bool is_pro(std::string_view model) { return model.find("pro") != std::string_view::npos; }

/// The Pro models know no "minimal".
std::string_view level_of(const llm::ReasoningWish& wish, std::string_view model) {
  const std::string_view least = is_pro(model) ? "low" : "minimal";
  if (wish.mode == Mode::off || wish.effort == "minimal") return least;
  if (wish.effort == "low" || wish.effort == "medium") return wish.effort;
  if (!wish.effort.empty()) return "high";
  if (!wish.budget_tokens) return {};
  return *wish.budget_tokens <= 4096 ? "low" : *wish.budget_tokens <= 16384 ? "medium" : "high";
}

std::int64_t budget_of(const llm::ReasoningWish& wish, std::string_view model) {
  if (wish.mode == Mode::off) return is_pro(model) ? 128 : 0;
  if (wish.budget_tokens) return *wish.budget_tokens;
  if (wish.effort == "minimal" || wish.effort == "low") return 1024;
  if (wish.effort == "medium") return 8192;
  return wish.effort.empty() ? -1 : 24576;
}

}  // namespace

void write_thinking(JsonWriter& w, const llm::ReasoningWish& wish, std::string_view model, Ledger& ledger) {
  if (wish.mode == Mode::unset && wish.effort.empty()) return;
  const ModelKind kind = kind_of(model);
  const Place place("reasoning");
  if (kind == ModelKind::none) return void(wish.mode == Mode::off ? true : ledger.meet(Feature::reasoning_blocked, place));
  if (wish.mode == Mode::off && (kind == ModelKind::levels || is_pro(model))) ledger.meet(Feature::reasoning_blocked, place);
  w.key("thinkingConfig").open('{');
  if (kind == ModelKind::budgets) {
    w.key("thinkingBudget").whole(budget_of(wish, model));
  } else if (const std::string_view level = level_of(wish, model); !level.empty()) {
    if (wish.effort.empty() && wish.mode != Mode::off) ledger.meet(Feature::reasoning_budget, place);
    w.pair("thinkingLevel", level);
  }
  if (wish.mode != Mode::off) w.key("includeThoughts").boolean(true);
  w.close('}');
}

}  // namespace flotte::dialect::gemini
