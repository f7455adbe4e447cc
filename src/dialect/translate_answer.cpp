// Whole answers and errors.
#include <fmt/format.h>

#include "dialect/detail/codec.hpp"
#include "dialect/error_words.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

/// Ids that the provider left out, and the reason that some servers get wrong.
void mend_calls(llm::Answer& answer, const ReplyContext& context) {
  std::size_t calls = 0;
  for (llm::Part& part : answer.parts) {
    auto* call = std::get_if<llm::ToolCall>(&part.value);
    if (!call) continue;
    if (call->id.empty()) call->id = fmt::format("call_{}_{}", context.request_id.empty() ? answer.id : context.request_id, calls);
    ++calls;
  }
  const bool plain = answer.finish == llm::Finish::end_turn || answer.finish == llm::Finish::none;
  if (plain) answer.finish = calls > 0 ? llm::Finish::tool_use : llm::Finish::end_turn;
}

}  // namespace

Result<TranslatedAnswer> translate_answer(Format provider, Format client, std::string_view body, const ReplyContext& context) {
  const detail::Codec& from = detail::codec_of(provider);
  const detail::Codec& to = detail::codec_of(client);
  if (!from.read_answer || !to.write_answer) return fail(Code::unsupported, missing_translation(client, provider));
  const auto value = detail::parse_value(body);
  if (!value || !value->is_object() || !from.is_answer(*value)) {
    const ProviderError error = parse_error(200, body);
    const bool told = value && value->is_object() && !detail::member(*value, "error").is_null();
    return fail(told ? Code::unavailable : Code::corrupt,
                told ? error.message : fmt::format("no answer of {}: {}", name_of(provider), error.message));
  }
  Ledger ledger(client);
  llm::Answer answer;
  from.read_answer(*value, answer, ledger);
  if (!context.model.empty()) answer.model = context.model;
  if (ledger.refused()) return fail(Code::corrupt, ledger.refusal()->message, ledger.refusal()->hint);
  mend_calls(answer, context);
  TranslatedAnswer out;
  out.body = to.write_answer(answer, context, ledger);
  if (ledger.refused()) return fail(Code::corrupt, ledger.refusal()->message, ledger.refusal()->hint);
  out.usage = answer.usage;
  out.notes = std::move(ledger.notes());
  return out;
}

TranslatedError translate_error(Format, Format client, int status, std::string_view body, std::string_view request_id) {
  const ProviderError error = parse_error(status, body);
  return {status_of(client, error), write_error(client, error, request_id)};
}

}  // namespace flotte::dialect
