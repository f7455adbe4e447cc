// Requests, answers and streams of strangers, translated.
#include "base/fuzz_target.hpp"
#include "base/json.hpp"
#include "dialect/stream_translator.hpp"
#include "dialect/translate_embeddings.hpp"

namespace flotte::dialect {
namespace {

using fuzz::require;

constexpr std::array formats{Format::openai_chat, Format::anthropic,   Format::responses,      Format::gemini,
                             Format::ollama,      Format::completions, Format::ollama_generate};

/// What the scanner takes and the door refuses: numbers of any size, lone surrogates, and one level more of nesting around a value.
bool refused_at_the_door(std::string_view bytes) {
  int depth = 0, deepest = 0;
  for (const char c : bytes) {
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    deepest = std::max(deepest, depth);
  }
  if (deepest > 32) return true;
  for (std::size_t e = bytes.find_first_of("eE"); e != std::string_view::npos; e = bytes.find_first_of("eE", e + 1))
    if (e > 0 && bytes[e - 1] >= '0' && bytes[e - 1] <= '9') return true;
  return bytes.find("\\u") != std::string_view::npos;
}

void require_json(std::string_view written, std::string_view source) {
  require(refused_at_the_door(source) || json::parse(written).has_value(), "what is written is JSON");
}

/// Gemini's paths name the model, its bodies do not.
Asked asked_of(Format format) { return {.model = format == Format::gemini ? "m" : ""}; }

void translate_requests(std::string_view bytes) {
  for (const Format from : formats)
    for (const Format to : provider_formats) {
      const auto request = translate_request(from, to, bytes, {}, asked_of(from));
      if (!request) {
        require(!request.error().message.empty(), "a refusal says why");
        continue;
      }
      require_json(request->body, bytes);
      require(
          !can_translate(to, to) || translate_request(to, to, request->body, {}, asked_of(to)).has_value() || refused_at_the_door(bytes),
          "what was translated can be read");
    }
}

/// A tool that has to be called is what only clients of Messages ask for here, so that the plain way is gone too.
ReplyContext context_for(Format client) {
  ReplyContext context{
      .model = "m", .request_id = "r", .created_s = 1, .include_usage = true, .estimated_input = 1, .free_text_tools = {"p"}};
  if (client == Format::anthropic) context.forced_tool = "f";
  return context;
}

void translate_answers(std::string_view bytes) {
  for (const Format from : provider_formats)
    for (const Format to : formats) {
      if (const auto answer = translate_answer(from, to, bytes, context_for(to))) require_json(answer->body, bytes);
      const TranslatedError error = translate_error(from, to, 429, bytes, "r");
      require(error.status == 429, "the status stays");
      require_json(error.body, bytes);
    }
}

std::string read_stream(Format from, Format to, std::string_view first, std::string_view second) {
  StreamTranslator translator(from, to, context_for(to));
  std::string out(translator.feed(first));
  out.append(translator.feed(second));
  out.append(translator.finish());
  require(translator.complete() != translator.failed(), "a stream ends whole or in an error, never both");
  return out;
}

void translate_streams(std::string_view bytes) {
  const fuzz::Cut cut = fuzz::cut(bytes);
  for (const Format from : provider_formats)
    for (const Format to : formats) {
      if (!can_translate(to, from)) continue;
      const std::string out = read_stream(from, to, cut.first, cut.second);
      require(out == read_stream(from, to, cut.whole, {}), "pieces do not matter");
      detail::EventReader events;
      events.use_lines(to == Format::ollama || to == Format::ollama_generate);
      for (std::string_view rest = out; events.next(rest);)
        if (events.data() != "[DONE]") require_json(events.data(), bytes);
    }
}

constexpr std::array embedding_clients{Api::embeddings, Api::gemini_embed, Api::gemini_batch_embed, Api::ollama_embed,
                                       Api::ollama_embeddings};

void translate_embeddings(std::string_view bytes) {
  const EmbeddingReply reply{.model = "m", .inputs = 1, .base64 = true, .estimated_input = 1};
  for (const Api from : embedding_clients)
    for (const Api to : embedding_clients) {
      if (const auto request = translate_embedding_request(from, to, bytes, {}, {.model = "m"})) {
        require_json(request->body, bytes);
        require(request->reply.inputs > 0, "something is to be embedded");
        require(translate_embedding_request(to, to, request->body, {}, {.model = "m"}).has_value(), "what was translated can be read");
      }
      if (const auto answer = translate_embedding_answer(to, from, bytes, reply)) require_json(answer->body, bytes);
    }
}

const fuzz::Register embeddings("translate_embeddings", translate_embeddings);
const fuzz::Register requests("translate_request", translate_requests);
const fuzz::Register answers("translate_answer", translate_answers);
const fuzz::Register streams("translate_stream", translate_streams);

}  // namespace
}  // namespace flotte::dialect
