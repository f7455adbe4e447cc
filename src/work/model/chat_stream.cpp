// Chunks of a chat completion to one answer.
#include "work/model/client.hpp"

namespace flotte::work {

std::expected<void, ModelFailure> ChatStream::feed(std::string_view bytes, const std::function<void(std::string_view)>& on_text) {
  const auto on_event = [&](const http::SseEvent& event) { take(event, on_text); };
  if (auto fed = parser_.feed(bytes, on_event); !fed && !failure_) failure_ = ModelFailure{fed.error(), false};
  if (failure_) return std::unexpected(*failure_);
  return {};
}

void ChatStream::take(const http::SseEvent& event, const std::function<void(std::string_view)>& on_text) {
  if (failure_ || done_ || event.data.empty()) return;
  if (event.data == "[DONE]") {
    done_ = true;
    return;
  }
  const auto chunk = json::parse_object(event.data);
  if (!chunk) {
    failure_ = ModelFailure{chunk.error().within("the model's answer holds something that is no chunk"), true};
    failure_->error.code = Code::corrupt;
    return;
  }
  if (const json::object* error = json::get_object(*chunk, "error")) {
    failure_ = read_stream_failure(*error);
    return;
  }
  if (const json::object* usage = json::get_object(*chunk, "usage")) {
    answer_.usage.input_tokens = json::int_or(*usage, "prompt_tokens", -1);
    answer_.usage.output_tokens = json::int_or(*usage, "completion_tokens", -1);
    if (const json::object* details = json::get_object(*usage, "prompt_tokens_details"))
      answer_.usage.cached_tokens = json::int_or(*details, "cached_tokens", -1);
  }
  const json::array* choices = json::get_array(*chunk, "choices");
  if (!choices || choices->empty() || !(*choices)[0].is_object()) return;
  const json::object& choice = (*choices)[0].get_object();
  if (const auto reason = json::get_string(choice, "finish_reason")) answer_.finish_reason = *reason;
  const json::object* delta = json::get_object(choice, "delta");
  if (!delta) return;
  const auto text = json::get_string(*delta, "content");
  // A model that thinks in a member of its own is at work, too.
  if (text || json::get_string(*delta, "reasoning_content")) ++pieces_;
  if (!text || text->empty()) return;
  answer_.text += *text;
  on_text(*text);
}

std::expected<ModelAnswer, ModelFailure> ChatStream::finish() {
  parser_.finish([this](const http::SseEvent& event) { take(event, [](std::string_view) {}); });
  if (failure_) return std::unexpected(*failure_);
  // Some providers leave [DONE] out; none leaves out both.
  if (!done_ && answer_.finish_reason.empty())
    return std::unexpected(ModelFailure{Error(Code::closed, "the model's answer broke off before its end"), true});
  return std::move(answer_);
}

}  // namespace flotte::work
