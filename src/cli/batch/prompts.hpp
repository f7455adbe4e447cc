// A .jsonl file of prompts: one object per line. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace flotte::cli {

struct PromptLine {
  std::size_t line = 0;                   // from 1
  std::string prompt, id, model, system;  // empty where absent
};

/// One entry per line that is not blank: the prompt (with `before` and a blank line in front of it where `before` is not empty), or why
/// it is none; the message begins with "line N". An `id` may be a whole number too.
struct PromptEntry {
  std::size_t line = 0;
  Result<PromptLine> prompt = PromptLine{};
};
std::vector<PromptEntry> parse_prompts(std::string_view text, std::string_view before);

}  // namespace flotte::cli
