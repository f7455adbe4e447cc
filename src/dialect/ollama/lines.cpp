// Fields of answers.
#include "dialect/ollama/lines.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "dialect/finish_words.hpp"

namespace flotte::dialect::ollama {
namespace {

std::int64_t count_of(const detail::Value& line, std::string_view name) {
  // Bounded, so that sums cannot overflow.
  return std::clamp<std::int64_t>(detail::member(line, name).whole().value_or(-1), -1, std::int64_t{1} << 50);
}

}  // namespace

void begin_line(detail::JsonWriter& w, Line line, std::string_view model, const Words& words, const ReplyContext& context) {
  w.open('{').pair("model", model).pair("created_at", to_rfc3339(WallTime(std::chrono::seconds(context.created_s))));
  if (line == Line::generate) {
    w.pair("response", words.content);
    if (!words.thinking.empty()) w.pair("thinking", words.thinking);
    return;
  }
  w.key("message").open('{').pair("role", "assistant").pair("content", words.content);
  if (!words.thinking.empty()) w.pair("thinking", words.thinking);
  if (!words.calls.empty()) w.key("tool_calls").open('[').raw(words.calls).close(']');
  w.close('}');
}

void end_line(detail::JsonWriter& w, llm::Finish finish, const llm::Usage& usage, const Times& times, const ReplyContext& context) {
  const std::int64_t total = context.elapsed_ns ? context.elapsed_ns() : 0;
  const std::int64_t first = std::clamp<std::int64_t>(times.first_ns, 0, total);
  w.key("done").boolean(true).pair("done_reason", finish_word(Format::ollama, finish));
  w.key("total_duration").whole(total).key("load_duration").whole(0);
  if (usage.input_tokens >= 0) w.key("prompt_eval_count").whole(usage.input_tokens);
  w.key("prompt_eval_duration").whole(first);
  if (usage.output_tokens >= 0) w.key("eval_count").whole(usage.output_tokens);
  w.key("eval_duration").whole(total - first).close('}');
}

llm::Usage read_usage(const detail::Value& line) {
  llm::Usage usage;
  usage.input_tokens = count_of(line, "prompt_eval_count");
  usage.output_tokens = count_of(line, "eval_count");
  return usage;
}

}  // namespace flotte::dialect::ollama
