// A call in another API than the client's: its request in the target's words, and the answer in the client's.
#include "base/log.hpp"
#include "dialect/ollama/load.hpp"
#include "dialect/scan.hpp"
#include "dialect/stream_translator.hpp"
#include "route/detail/exchange.hpp"
#include "route/headers.hpp"
#include "route/translation.hpp"

namespace flotte::route::detail {
namespace {

/// Of an answer that has only begun: kept back while another target can still be asked.
constexpr std::size_t held_limit = std::size_t{1024} * 1024;

/// Gemini's clients may wrap what is to be counted.
std::string_view counted_part(const dialect::ApiFacts& api, std::string_view body) {
  if (api.format != dialect::Format::gemini) return body;
  dialect::Members members(body);
  dialect::Member m;
  while (members.next(m))
    if (m.is("generateContentRequest") && m.kind == dialect::Kind::object) return m.value.of(body);
  return body;
}

}  // namespace

/// False where the target's API cannot say what the client says. The first such sentence is the client's answer where no target does
/// better.
bool Exchange::put_into_words(const Target& target) {
  const dialect::Api chosen = choose_api(api_.api, target.upstream->apis, renamed_inside(target)).value_or(api_.api);
  asked_api_ = &dialect::facts_of(chosen);
  usage_added_ = false;
  if (chosen == api_.api && !renamed_inside(target)) {
    translated_.reset();
    if (!api_.model_in_path) body_->set_model(target.model);
    usage_added_ = stream_ && body_->ask_for_usage();
    usage_edited_ |= usage_added_;
    return true;
  }
  auto translated = std::make_unique<Translated>();
  if (auto done =
          api_.purpose == dialect::Purpose::embed ? translate_embedding(target, *translated) : translate_generation(target, *translated);
      !done) {
    if (refusal_) return false;
    refusal_.emplace();
    refusal_->error = std::move(done.error());
    return false;
  }
  translated->notes = notes_header(translated->request.notes);
  for (const dialect::Note& note : translated->request.notes)
    log::debug("a request was not translated as it stands",
               {{"request", request_id_}, {"target", target.name}, {"note", note.text(asked_api_->format)}});
  translated_ = std::move(translated);
  return true;
}

/// Gemini's embedding calls name their model in the body too, which must not differ from the path.
bool Exchange::renamed_inside(const Target& target) const {
  return api_.model_in_path && api_.purpose == dialect::Purpose::embed && path_.model != target.model;
}

Result<void> Exchange::translate_generation(const Target& target, Translated& out) const {
  const dialect::Asked asked{.model = path_.model, .stream = stream_};
  auto request = dialect::translate_request(api_.format, asked_api_->format, whole_body_.empty() ? body_->text() : whole_body_,
                                            describe(target, asked_api_->api), asked);
  if (!request) return pass(request);
  out.request = std::move(*request);
  dialect::ReplyContext& reply = out.reply;
  reply.request_id = request_id_;
  reply.created_s = to_ms(state_.clock.wall()) / 1'000;
  reply.include_usage = out.request.include_usage && !usage_edited_;
  reply.estimated_input = out.request.estimated_input;
  reply.echo = std::move(out.request.echo);
  reply.free_text_tools = std::move(out.request.free_text_tools);
  reply.stop = std::move(out.request.stop);
  reply.forced_tool = std::move(out.request.forced_tool);
  reply.json_array = path_.json_array;
  reply.whole_calls = api_.api == dialect::Api::mistral;
  reply.include_usage |= reply.whole_calls;  // and they always get usage
  reply.elapsed_ns = [&clock = state_.clock, began = started_at_] {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(clock.steady() - began).count();
  };
  return {};
}

Result<void> Exchange::translate_embedding(const Target& target, Translated& out) const {
  const dialect::Asked asked{.model = path_.model};
  auto request = dialect::translate_embedding_request(api_.api, asked_api_->api, body_->text(), describe(target, asked_api_->api), asked);
  if (!request) return pass(request);
  out.request.body = std::move(request->body);
  out.request.notes = std::move(request->notes);
  out.embedding = std::move(request->reply);
  out.embedding.request_id = request_id_;
  return {};
}

http::ResponseHead Exchange::translated_head(std::string_view content_type, const Target& target) const {
  http::ResponseHead head = own_head(200, content_type);
  head.headers.add("x-flotte-target", target.name);
  if (!translated_->notes.empty()) head.headers.add("x-flotte-notes", translated_->notes);
  return head;
}

Awaitable<Exchange::Step> Exchange::bring_back(http::ClientCall& upstream, const Target& target) {
  const http::Headers& headers = upstream.head().headers;
  const bool pieces = comes_in_pieces(headers) || (stream_ && !headers.get("content-type"));
  if (pieces && stream_) co_return co_await bring_stream(upstream, target);
  const Shape shape = pieces ? Shape::stream_for_whole : stream_ ? Shape::whole_for_stream : Shape::whole;
  co_return co_await bring_whole(upstream, target, shape);
}

Result<dialect::TranslatedAnswer> Exchange::translate_whole(std::string_view body, Shape shape) const {
  const dialect::Format from = asked_api_->format, to = api_.format;
  if (api_.purpose == dialect::Purpose::embed) {
    auto vectors = dialect::translate_embedding_answer(asked_api_->api, api_.api, body, translated_->embedding);
    if (!vectors) return pass(vectors);
    return dialect::TranslatedAnswer{.body = std::move(vectors->body), .usage = vectors->usage};
  }
  if (shape == Shape::whole_for_stream) return dialect::stream_whole_answer(from, to, body, translated_->reply);
  if (shape == Shape::stream_for_whole) return dialect::gather_stream(from, to, body, translated_->reply);
  return dialect::translate_answer(from, to, body, translated_->reply);
}

Awaitable<Exchange::Step> Exchange::bring_whole(http::ClientCall& upstream, const Target& target, Shape shape) {
  auto body = co_await upstream.read_all(state_.options.answer_bytes);
  phase_ = Phase::none;
  if (!body && body.error().code == Code::too_large)
    body.error() =
        Error(Code::corrupt, fmt::format("its answer is larger than {} bytes, too large to be translated", state_.options.answer_bytes));
  if (!body) co_return take_failure(target, std::move(body.error()));
  auto answer = translate_whole(*body, shape);
  if (!answer) {
    const Later later = read_later(upstream.head().status, upstream.head().headers, *body, state_.clock.wall());
    if (answer.error().code == Code::unavailable)
      answer.error() = Error(Code::closed, "it answered 200 with an error: " + answer.error().message);
    co_return take_failure(target, std::move(answer.error()), later);
  }
  begin_answer(target);
  usage_ = answer->usage;
  if (api_.purpose == dialect::Purpose::embed && usage_.input_tokens >= 0) usage_.output_tokens = 0;
  content_type_ = shape == Shape::whole_for_stream ? stream_type(api_, path_.json_array) : "application/json";
  if (commenting_) co_await comment_sent();
  co_await record(answer->body);
  if (call_.started()) {
    // Comments have gone out before it.
    const bool sent = co_await send(answer->body);
    if (sent) (void)co_await call_.finish();
    co_return Step::answered;
  }
  http::ResponseHead head = translated_head(content_type_, target);
  const auto sent = co_await call_.respond(std::move(head), answer->body);
  if (journalled_) journalled_->told = sent.has_value();
  co_return Step::answered;
}

Awaitable<Exchange::Step> Exchange::bring_stream(http::ClientCall& upstream, const Target& target) {
  dialect::StreamTranslator translator(asked_api_->format, api_.format, translated_->reply);
  std::string held;
  std::optional<Error> broken;
  phase_ = Phase::flowing;
  for (bool end = false; !end;) {
    auto piece = co_await upstream.next();
    heard_at_ = state_.clock.steady();
    end = !piece || piece->empty();
    if (!piece) broken = std::move(piece.error());
    if (unwanted()) break;
    std::string_view out = end ? translator.finish() : translator.feed(*piece);
    usage_ = translator.usage();
    if (!started_) {
      held.append(out);
      if (translator.failed()) {
        if (broken) co_return take_failure(target, std::move(*broken));
        const Later later = read_later(upstream.head().status, upstream.head().headers, translator.error(), state_.clock.wall());
        co_return take_failure(target, Error(Code::closed, "it began its stream with an error: " + translator.error()), later);
      }
      if (!translator.started() && !translator.complete() && held.size() <= held_limit) continue;
      begin_answer(target);
      content_type_ = stream_type(api_, path_.json_array);
      if (commenting_) co_await comment_sent();
      if (!call_.started()) {
        http::ResponseHead head = translated_head(content_type_, target);
        if (!path_.json_array) head.headers.add("Cache-Control", "no-cache");
        (void)co_await call_.start(std::move(head));
      }
      out = held;
    }
    tee(out);
    if (translator.complete() && journalled_) co_await record_teed();
    if (out.empty()) continue;
    const bool sent = co_await send(out);
    if (!sent) {
      if (translator.complete()) status_ = 200;  // many clients close as soon as they have read the last event
      co_return Step::answered;
    }
    held.clear();
  }
  co_return co_await end_translated(target, translator, std::move(broken));
}

Awaitable<Exchange::Step> Exchange::end_translated(const Target& target, const dialect::StreamTranslator& translator,
                                                   std::optional<Error> broken) {
  phase_ = Phase::none;
  if (!started_ && !unwanted()) {
    // A stream without an error, an end or any content.
    Error nothing(Code::corrupt, "its stream ended before the first event");
    co_return take_failure(target, broken ? std::move(*broken) : std::move(nothing));
  }
  if (commenting_) co_await comment_sent();
  if (unwanted()) {
    status_ = translator.complete() ? 200 : 499;
    co_return Step::answered;
  }
  if (translator.complete()) {
    (void)co_await call_.finish();
    co_return Step::answered;
  }
  // The client has read the error as an event. A stream that the target did not end itself ends like one that broke here as well.
  on_failure(*target.health, state_.clock.steady());
  status_ = 502;
  log::warning("a translated stream broke off",
               {{"request", request_id_}, {"target", target.name}, {"why", broken ? broken->message : translator.error()}});
  if (broken)
    call_.abort();
  else
    (void)co_await call_.finish();
  co_return Step::answered;
}

/// True where an Ollama client only wants its model loaded, and none of the targets is an Ollama server that could do it: models that
/// others keep are always there.
Awaitable<bool> Exchange::answer_load() {
  if (api_.format != dialect::Format::ollama && api_.format != dialect::Format::ollama_generate) co_return false;
  if (api_.purpose != dialect::Purpose::generate) co_return false;
  for (const Target& target : route_->targets)
    if (target.upstream->apis.speaks(api_.api)) co_return false;
  const auto load = dialect::ollama::parse_load(api_.format, body_->text());
  if (!load) co_return false;
  const dialect::ollama::Loaded loaded{.model = model_, .at_s = to_ms(state_.clock.wall()) / 1'000};
  std::string body = dialect::ollama::write_loaded(api_.format, *load, loaded);
  if (stream_) body += '\n';
  status_ = 200;
  http::ResponseHead head = own_head(200, stream_ ? stream_type(api_, false) : "application/json");
  (void)co_await call_.respond(std::move(head), body);
  co_return true;
}

/// What a count costs nobody can ask a target that has no such API: four bytes are a token.
Awaitable<void> Exchange::answer_estimate() {
  const auto tokens = dialect::estimate_tokens(api_.format, counted_part(api_, body_->text()));
  if (!tokens) {
    Error error = tokens.error();
    co_await refuse(std::move(error));
    co_return;
  }
  const std::string body = fmt::format("{{\"{}\":{}}}", api_.format == dialect::Format::gemini ? "totalTokens" : "input_tokens", *tokens);
  status_ = 200;
  http::ResponseHead head = own_head(200, "application/json");
  head.headers.add("x-flotte-estimated", "1");
  (void)co_await call_.respond(std::move(head), body);
}

}  // namespace flotte::route::detail
