// Sizes and questions.
#include "work/document/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "work/text/split.hpp"
#include "work/text/tokens.hpp"

namespace flotte::work {
namespace {
constexpr std::int64_t template_tokens = 64;  // what a chat template and our own words add
constexpr std::int64_t least = 32;            // less is no room
}  // namespace

std::int64_t Room::answer() const { return std::clamp<std::int64_t>(context / 4, 64, 2048); }

std::int64_t Room::tokens() const {
  const double left = static_cast<double>(context - answer() - template_tokens) / scale - static_cast<double>(prompt);
  return left < least ? 0 : static_cast<std::int64_t>(left);
}

Room shrink(Room room, std::int64_t estimate, std::int64_t context, std::int64_t prompt_tokens) {
  if (context > 0) room.context = context;
  const double told = prompt_tokens > 0 && estimate > 0 ? static_cast<double>(prompt_tokens) / static_cast<double>(estimate) : 0;
  // Where nothing was told, or the same again, a third less each time.
  room.scale = std::max(told * 1.05, room.scale * 1.5);
  return room;
}

std::string whole_question(std::string_view prompt, std::string_view name, std::string_view text) {
  return fmt::format("{}\n\n[{}]\n\n{}", prompt, name, text);
}

std::string part_question(std::string_view prompt, std::string_view name, PartOf part, std::string_view text) {
  return fmt::format("{}\n\n[{}, part {} of {}]\n\n{}", prompt, name, part.number, part.total, text);
}

std::string reduce_question(std::string_view prompt, std::string_view name, std::string_view answers) {
  return fmt::format("{}\n\n[{}: the answers for its parts, in order. Put them together into one answer.]\n\n{}", prompt, name, answers);
}

std::vector<std::string> group_answers(const std::vector<std::string>& answers, std::int64_t limit) {
  constexpr std::int64_t mark_tokens = 8;  // "[12]" and the blank line
  const std::int64_t each = std::max<std::int64_t>(8, limit / 2 - mark_tokens);
  std::vector<std::string> out;
  std::int64_t used = 0;
  int number = 0;
  for (const std::string& answer : answers) {
    std::string_view text = answer;
    std::int64_t tokens = estimate_tokens(text);
    if (tokens > each) {
      text = split_text(text, each).front();
      tokens = each;
    }
    if (out.empty() || used + tokens + mark_tokens > limit) {
      out.emplace_back();
      used = 0;
    }
    out.back() += fmt::format("[{}]\n{}\n\n", ++number, text);
    used += tokens + mark_tokens;
  }
  return out;
}

}  // namespace flotte::work
