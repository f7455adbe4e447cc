// Answers in the words of Gemini's and Ollama's own APIs.
#include "scripted_provider.hpp"

namespace flotte::scripted {
namespace {

/// The model in "/v1beta/models/MODEL:verb".
std::string model_in_path(const Play& play) {
  const std::string path(play.call.head().path());
  const std::size_t from = path.rfind('/') + 1;
  return path.substr(from, path.rfind(':') - from);
}

std::string gemini_chunk(const Play& play, std::string_view content_json, std::int64_t output, bool last) {
  return fmt::format(
      "{{\"candidates\": [{{\"content\": {{\"parts\": [{{\"text\": {}}}],\"role\": \"model\"}}{},\"index\": 0}}],"
      "\"usageMetadata\": {{\"promptTokenCount\": 21,\"cachedContentTokenCount\": 8,\"candidatesTokenCount\": {},\"totalTokenCount\": {}}},"
      "\"modelVersion\": \"{}\",\"responseId\": \"sim{}\"}}",
      content_json, last ? ",\"finishReason\": \"STOP\"" : "", output, 21 + output, model_in_path(play), play.log.number);
}

std::string ollama_line(const Play& play, std::string_view content_json, std::int64_t output, bool last) {
  return fmt::format(
      "{{\"model\":{},\"created_at\":\"2026-11-21T00:00:00Z\",\"message\":{{\"role\":\"assistant\",\"content\":{}}},\"done\":{}{}}}",
      json::dump(json::value(play.model())), content_json, last,
      last ? fmt::format(",\"done_reason\":\"stop\",\"total_duration\":5,\"prompt_eval_count\":21,\"eval_count\":{}", output) : "");
}

}  // namespace

std::vector<std::string> native_events(const Play& play, std::int64_t count) {
  std::vector<std::string> list;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string content = "\"" + word(i) + "\"";
    const bool last = i + 1 == count;
    if (play.form == Form::ollama)
      list.push_back(ollama_line(play, content, 0, false) + "\n");
    else if (play.array())
      list.push_back((i == 0 ? "[" : ",\r\n") + gemini_chunk(play, content, i + 1, last));
    else
      list.push_back("data: " + gemini_chunk(play, content, i + 1, last) + "\r\n\r\n");
  }
  if (play.form == Form::ollama) list.push_back(ollama_line(play, "\"\"", count, true) + "\n");
  if (play.array()) list.emplace_back("]");
  return list;
}

std::string native_answer(const Play& play, std::string_view content_json, std::int64_t output) {
  return play.form == Form::ollama ? ollama_line(play, content_json, output, true) : gemini_chunk(play, content_json, output, true);
}

}  // namespace flotte::scripted
