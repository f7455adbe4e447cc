// What an answer that is none means for a task.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "work/model/client.hpp"

namespace flotte::work {
namespace {

/// Words by which engines and providers say that a question is too long: llama-server, OpenAI and those like it, Anthropic, vLLM.
constexpr std::array<std::string_view, 5> too_long{"exceed_context_size", "context_length_exceeded", "exceeds the available context size",
                                                   "maximum context length", "prompt is too long"};

std::int64_t number_after(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  if (at == std::string_view::npos) return 0;
  std::int64_t number = 0;
  text.remove_prefix(at + words.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::max<std::int64_t>(number, 0);
}

void read_context(const json::object& error, std::string_view message, ModelFailure& out) {
  std::string all(message);
  all += ' ' + json::string_or(error, "type", "") + ' ' + json::string_or(error, "code", "");
  out.context_exceeded =
      std::any_of(too_long.begin(), too_long.end(), [&](std::string_view w) { return all.find(w) != std::string::npos; });
  if (!out.context_exceeded) return;
  out.context_tokens = json::int_or(error, "n_ctx", number_after(message, "maximum context length is"));
  out.prompt_tokens = json::int_or(error, "n_prompt_tokens", number_after(message, "resulted in"));
}

Code code_of(int status) {
  switch (status) {
    case 400:
    case 422: return Code::invalid_argument;
    case 401: return Code::unauthenticated;
    case 402:
    case 429: return Code::exhausted;
    case 403: return Code::forbidden;
    case 404: return Code::not_found;
    case 408:
    case 504: return Code::deadline;
    case 409: return Code::conflict;
    case 413: return Code::too_large;
    case 501: return Code::unsupported;
    default: return status >= 500 ? Code::unavailable : Code::invalid_argument;
  }
}

/// Where nobody says how long it will take.
constexpr milliseconds a_while{2'000};

/// Quotas and outages, which say nothing about the task itself.
std::optional<milliseconds> later_of(int status, std::optional<std::string_view> retry_after) {
  if (status != 429 && status != 503 && status != 529) return std::nullopt;
  std::int64_t whole_seconds = 0;
  if (retry_after) std::from_chars(retry_after->data(), retry_after->data() + retry_after->size(), whole_seconds);
  return whole_seconds > 0 ? milliseconds(std::min<std::int64_t>(whole_seconds, 86'400) * 1'000) : a_while;
}

bool may_be_tried_again(int status) {
  // After a hub's restart, or when its node is away for a moment, a model is unknown until its engine is linked again.
  if (status == 404) return true;
  return status == 408 || status == 409 || status == 425 || status == 429 || (status >= 500 && status != 501);
}

}  // namespace

ModelFailure read_failure(int status, std::string_view body, std::optional<std::string_view> retry_after) {
  ModelFailure out;
  out.retryable = may_be_tried_again(status);
  out.later = later_of(status, retry_after);
  std::string message;
  if (const auto whole = json::parse_object(body)) {
    if (const json::object* error = json::get_object(*whole, "error")) {
      message = json::string_or(*error, "message", "");
      read_context(*error, message, out);
    } else {
      message = json::string_or(*whole, "error", json::string_or(*whole, "message", ""));
    }
  }
  if (message.empty()) message = fmt::format("the model answered with status {}", status);
  out.error = Error(code_of(status), std::move(message));
  if (retry_after && !retry_after->empty()) out.error.hint = fmt::format("it asks to wait {} s", *retry_after);
  return out;
}

ModelFailure read_stream_failure(const json::object& error) {
  ModelFailure out;
  out.retryable = true;
  const std::string message = json::string_or(error, "message", "the model broke off with an error");
  read_context(error, message, out);
  if (out.context_exceeded) out.retryable = false;
  const std::string kind = json::string_or(error, "type", "") + ' ' + json::string_or(error, "code", "");
  const bool limited = kind.find("rate_limit") != std::string::npos;
  // As the gateway says it, and providers do, where the head has gone out already.
  if (limited || kind.find("overloaded") != std::string::npos || kind.find("unavailable") != std::string::npos) out.later = a_while;
  out.error = Error(limited ? Code::exhausted : Code::unavailable, message);
  return out;
}

}  // namespace flotte::work
