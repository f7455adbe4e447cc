// Bytes to the vocabulary, the vocabulary to bytes.
#include <fmt/format.h>

#include <algorithm>

#include "dialect/embeddings/embedding.hpp"
#include "dialect/error_words.hpp"
#include "dialect/translate_embeddings.hpp"

namespace flotte::dialect {
namespace {

const embeddings::Codec* codec_of(Api api) noexcept {
  switch (api) {
    case Api::embeddings: return &embeddings::openai;
    case Api::gemini_embed: return &embeddings::gemini;
    case Api::gemini_batch_embed: return &embeddings::gemini_batch;
    case Api::ollama_embed: return &embeddings::ollama;
    case Api::ollama_embeddings: return &embeddings::ollama_old;
    default: return nullptr;
  }
}

Error missing(Api client, Api provider) {
  return Error(Code::unsupported,
               fmt::format("what a client of {} says is not translated for {}", facts_of(client).title, facts_of(provider).title));
}

std::int64_t estimate(const embeddings::Request& request) {
  std::size_t bytes = 0;
  for (const embeddings::Input& input : request.inputs) bytes += input.text.size() + input.tokens.size();
  return static_cast<std::int64_t>(bytes / 4 + 1);
}

}  // namespace

bool can_translate_embeddings(Api client, Api provider) noexcept {
  const embeddings::Codec* from = codec_of(client);
  const embeddings::Codec* to = codec_of(provider);
  return from && to && to->write_request;
}

Result<EmbeddingTranslation> translate_embedding_request(Api client, Api provider, std::string_view body, const Target& target,
                                                         const Asked& asked) {
  if (!can_translate_embeddings(client, provider)) return Failure(missing(client, provider));
  const auto value = detail::parse_value(body);
  if (!value || !value->is_object()) {
    detail::Fields fields(body);
    while (fields.next()) {
    }
    return fields.ok() ? fail(Code::invalid_argument, "the body is no JSON object") : Failure(fields.error());
  }
  Ledger ledger(facts_of(provider).format);
  embeddings::Request request;
  codec_of(client)->parse_request(*value, request, ledger);
  if (!asked.model.empty()) request.model = asked.model;
  if (!target.model.empty()) request.model = target.model;
  if (request.model.empty()) ledger.wrong(Place("model"), "is missing");
  if (ledger.refused()) return Failure(*ledger.refusal());
  EmbeddingTranslation out;
  out.body = codec_of(provider)->write_request(request, ledger);
  if (ledger.refused()) return Failure(*ledger.refusal());
  out.reply = {.model = request.model, .inputs = request.inputs.size(), .base64 = request.base64, .estimated_input = estimate(request)};
  out.notes = std::move(ledger.notes());
  return out;
}

Result<TranslatedEmbeddings> translate_embedding_answer(Api provider, Api client, std::string_view body, const EmbeddingReply& reply) {
  const embeddings::Codec* from = codec_of(provider);
  const embeddings::Codec* to = codec_of(client);
  if (!from || !to || !from->read_answer) return Failure(missing(client, provider));
  const auto value = detail::parse_value(body);
  embeddings::Answer answer;
  if (!value || !value->is_object() || !from->read_answer(*value, answer)) {
    const ProviderError error = parse_error(200, body);
    const bool told = value && value->is_object() && !detail::member(*value, "error").is_null();
    return fail(told ? Code::unavailable : Code::corrupt,
                told ? error.message : fmt::format("no answer of {}: {}", facts_of(provider).title, error.message));
  }
  const bool hole = std::any_of(answer.vectors.begin(), answer.vectors.end(), [](const std::string& v) { return v.empty(); });
  if (hole) return fail(Code::corrupt, "some of the texts that were sent have no vector");
  if (answer.vectors.empty() || answer.vectors.size() != reply.inputs)
    return fail(Code::corrupt, fmt::format("{} texts were sent and {} vectors came back", reply.inputs, answer.vectors.size()));
  if (answer.model.empty()) answer.model = reply.model;
  answer.id = "embd-" + reply.request_id;
  TranslatedEmbeddings out;
  answer.usage.input_tokens = std::clamp<std::int64_t>(answer.usage.input_tokens, -1, std::int64_t{1} << 50);
  if (answer.usage.input_tokens >= 0) answer.usage.output_tokens = 0;
  out.usage = answer.usage;
  if (answer.usage.input_tokens < 0) answer.usage.input_tokens = reply.estimated_input;
  out.body = to->write_answer(answer, reply.base64);
  return out;
}

}  // namespace flotte::dialect
