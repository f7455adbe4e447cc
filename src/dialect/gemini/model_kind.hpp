// What the name of a model says about it. Internal to dialect.
#pragma once
#include <string_view>

namespace flotte::dialect::gemini {

/// `none`: does not think. `budgets`: thinks by `thinkingBudget` (2.5). `levels`: by `thinkingLevel`, and checks the signatures of calls (3
/// and later; also every name that tells no version).
enum class ModelKind { none, budgets, levels };

constexpr ModelKind kind_of(std::string_view model) noexcept {
  const auto has = [model](std::string_view word) { return model.find(word) != std::string_view::npos; };
  if (has("gemini-1") || has("gemini-2.0") || has("gemma")) return ModelKind::none;
  return has("gemini-2") || has("robotics-er-1.5") ? ModelKind::budgets : ModelKind::levels;
}

}  // namespace flotte::dialect::gemini
