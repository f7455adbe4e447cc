// How a document is put to a model: whole, or in parts whose answers are then put together. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flotte::work {

/// How many estimated tokens of document fit into one question.
struct Room {
  std::int64_t context = 4096;  // tokens of the model, question and answer together
  std::int64_t prompt = 0;      // estimated tokens of what stands around the document
  double scale = 1.0;           // real tokens per estimated one, as an engine has told
  /// 0 where the context leaves no room.
  std::int64_t tokens() const;
  /// Kept for the answer.
  std::int64_t answer() const;
};

/// The engine said that a question of that estimate did not fit: a smaller room. `context` and `prompt_tokens` as it told them, 0 where
/// not.
Room shrink(Room room, std::int64_t estimate, std::int64_t context, std::int64_t prompt_tokens);

std::string whole_question(std::string_view prompt, std::string_view name, std::string_view text);
/// `number` from 1.
struct PartOf {
  int number = 1, total = 1;
};
std::string part_question(std::string_view prompt, std::string_view name, PartOf part, std::string_view text);
std::string reduce_question(std::string_view prompt, std::string_view name, std::string_view answers);

/// Neighbouring answers put together into texts that fit `limit`; an answer longer than half of it is cut, so that every text but the last
/// holds at least two. Texts: "[1]\n...\n\n[2]\n...".
std::vector<std::string> group_answers(const std::vector<std::string>& answers, std::int64_t limit);

}  // namespace flotte::work
