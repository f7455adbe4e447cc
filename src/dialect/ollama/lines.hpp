// What the answers of /api/chat and /api/generate have in common, whole or a line of a stream. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/translate.hpp"
#include "llm/answer.hpp"

namespace flotte::dialect::ollama {

/// Where an answer's words are: in a `message`, or in `response`.
enum class Line { chat, generate };

struct Words {
  std::string_view content, thinking;
  std::string_view calls = {};  // elements of `tool_calls`
};
/// Opens the object: model, time, words.
void begin_line(detail::JsonWriter& w, Line line, std::string_view model, const Words& words, const ReplyContext& context);

/// How long it took, for the end of an answer; negative: not known.
struct Times {
  std::int64_t first_ns = -1;
};
/// Closes it as the last one.
void end_line(detail::JsonWriter& w, llm::Finish finish, const llm::Usage& usage, const Times& times, const ReplyContext& context);

/// The counts at the end of an answer.
llm::Usage read_usage(const detail::Value& line);

}  // namespace flotte::dialect::ollama
