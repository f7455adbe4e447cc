// Whole answers and errors.
#include <fmt/format.h>

#include "dialect/detail/answer_events.hpp"
#include "dialect/detail/codec.hpp"
#include "dialect/detail/event_reader.hpp"
#include "dialect/detail/stop_cut.hpp"
#include "dialect/error_words.hpp"
#include "dialect/ollama/forced_call.hpp"
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

Result<void> kept(const Ledger& ledger) {
  if (!ledger.refused()) return {};
  return fail(Code::corrupt, ledger.refusal()->message, ledger.refusal()->hint);
}

/// Errors as of translate_answer.
Result<llm::Answer> read_whole(Format provider, std::string_view body, const ReplyContext& context, Ledger& ledger) {
  const detail::Codec& from = detail::codec_of(provider);
  const auto value = detail::parse_value(body);
  if (!value || !value->is_object() || !from.is_answer(*value)) {
    const ProviderError error = parse_error(200, body);
    const bool told = value && value->is_object() && !detail::member(*value, "error").is_null();
    return fail(told ? Code::unavailable : Code::corrupt,
                told ? error.message : fmt::format("no answer of {}: {}", name_of(provider), error.message));
  }
  llm::Answer answer;
  from.read_answer(*value, answer, ledger);
  if (auto good = kept(ledger); !good) return pass(good);
  if (!context.model.empty()) answer.model = context.model;
  detail::cut_at_stop(answer, context.stop);
  if (!context.forced_tool.empty()) ollama::force_call(answer, context.forced_tool);
  mend_calls(answer, context);
  return answer;
}

Result<TranslatedAnswer> write_whole(Format client, const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  TranslatedAnswer out;
  out.body = detail::codec_of(client).write_answer(answer, context, ledger);
  if (auto good = kept(ledger); !good) return pass(good);
  out.usage = answer.usage;
  out.notes = std::move(ledger.notes());
  return out;
}

}  // namespace

Result<TranslatedAnswer> translate_answer(Format provider, Format client, std::string_view body, const ReplyContext& context) {
  if (!detail::codec_of(provider).read_answer || !detail::codec_of(client).write_answer)
    return fail(Code::unsupported, missing_translation(client, provider));
  Ledger ledger(client);
  auto answer = read_whole(provider, body, context, ledger);
  if (!answer) return pass(answer);
  return write_whole(client, *answer, context, ledger);
}

Result<TranslatedAnswer> stream_whole_answer(Format provider, Format client, std::string_view body, const ReplyContext& context) {
  if (!can_translate(client, provider)) return fail(Code::unsupported, missing_translation(client, provider));
  Ledger ledger(client);
  auto answer = read_whole(provider, body, context, ledger);
  if (!answer) return pass(answer);
  TranslatedAnswer out;
  const auto writer = detail::codec_of(client).make_writer(out.body, context);
  if (!detail::tell_answer(*answer, *writer))
    return fail(Code::corrupt, "it gave one whole answer with pictures or sound, which the client's streams cannot carry");
  out.usage = answer->usage;
  out.notes = std::move(ledger.notes());
  return out;
}

Result<TranslatedAnswer> gather_stream(Format provider, Format client, std::string_view bytes, const ReplyContext& context) {
  if (!can_translate(client, provider)) return fail(Code::unsupported, missing_translation(client, provider));
  Ledger ledger(client);
  const detail::Codec& from = detail::codec_of(provider);
  detail::EventReader events;
  events.use_lines(from.framing == detail::Framing::lines);
  const auto reader = from.make_reader(ledger, context);
  detail::AnswerGatherer gathered;
  while (events.next(bytes)) reader->on_data(events.name(), events.data(), gathered);
  if (events.finish()) reader->on_data(events.name(), events.data(), gathered);
  reader->on_close(gathered);
  if (!gathered.error().empty()) return fail(Code::unavailable, gathered.error());
  if (!gathered.complete()) return fail(Code::corrupt, "its stream ended early");
  llm::Answer& answer = gathered.answer();
  if (!context.model.empty()) answer.model = context.model;
  detail::cut_at_stop(answer, context.stop);
  mend_calls(answer, context);
  return write_whole(client, answer, context, ledger);
}

TranslatedError translate_error(Format, Format client, int status, std::string_view body, std::string_view request_id) {
  const ProviderError error = parse_error(status, body);
  return {status_of(client, error), write_error(client, error, request_id)};
}

}  // namespace flotte::dialect
