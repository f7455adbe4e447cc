// Whether and how much to think, and what follows from it for other fields. Internal to dialect.
#pragma once
#include <cstdint>
#include <string>

#include "dialect/ledger.hpp"
#include "dialect/target.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::anthropic {

struct ThinkingPlan {
  enum class Mode { unset, off, adaptive, budget } mode = Mode::unset;
  std::int64_t budget = 0;
  std::string effort;  // empty: not sent
  std::int64_t max_tokens = 0;
  bool thinks() const noexcept { return mode == Mode::adaptive || mode == Mode::budget; }
};

ThinkingPlan plan_thinking(const llm::Request& request, const Target& target, Ledger& ledger);

}  // namespace flotte::dialect::anthropic
