// A target's answer on its way to the client: whole or as a stream, byte for byte.
#include <algorithm>
#include <bit>
#include <charconv>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "dialect/openai_reply.hpp"
#include "route/detail/exchange.hpp"
#include "route/headers.hpp"

namespace flotte::route::detail {
namespace {

std::optional<std::size_t> content_length(const http::Headers& headers) {
  const auto text = headers.get("content-length");
  std::size_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

Awaitable<Exchange::Step> Exchange::pass_whole(http::ClientCall& upstream, const Target& target) {
  phase_ = Phase::none;
  if (commenting_) co_await comment_sent();
  if (call_.started()) co_return take_failure(target, Error(Code::corrupt, "it was asked for a stream and began another answer"));
  const auto length = content_length(upstream.head().headers);
  std::string gathered;
  std::string_view body;
  for (;;) {
    auto piece = co_await upstream.next();
    if (!piece) co_return take_failure(target, std::move(piece.error()));
    const bool all_at_once = gathered.empty() && length && piece->size() == *length;
    body = all_at_once ? *piece : std::string_view(gathered);
    if (all_at_once || piece->empty()) break;
    gathered.append(*piece);
    if (gathered.size() > state_.options.answer_bytes) co_return co_await pass_large(upstream, target, std::move(gathered));
  }
  const dialect::OpenAiFacts facts = dialect::read_openai_facts(body);
  if (!facts.object) {
    const bool page = is_type(upstream.head().headers, "text/html");
    Error none(Code::corrupt, page ? "it answered with a page of HTML" : "its answer is not a JSON object",
               page ? "the base_url may be wrong" : "");
    co_return take_failure(target, std::move(none));
  }
  if (facts.error) {
    const Later later = read_later(upstream.head().status, upstream.head().headers, body, state_.clock.wall());
    co_return take_failure(target, Error(Code::closed, "it answered 200 with an error: " + dialect::openai_error_message(body)), later);
  }
  begin_answer(target);
  usage_ = facts.usage;
  if (api_.api == dialect::Api::embeddings && usage_.input_tokens >= 0) usage_.output_tokens = 0;
  if (journalled_) {
    content_type_ = upstream.head().headers.get("content-type").value_or("");
    co_await record(body);
  }
  http::ResponseHead head = answer_head(upstream.head(), target);
  const auto sent = co_await call_.respond(std::move(head), body);
  if (journalled_) journalled_->told = sent.has_value();
  co_return Step::answered;
}

/// Too large to be read first: in pieces, without a look for usage.
Awaitable<Exchange::Step> Exchange::pass_large(http::ClientCall& upstream, const Target& target, std::string begun) {
  begin_answer(target);
  http::ResponseHead head = answer_head(upstream.head(), target);
  if (const auto length = upstream.head().headers.get("content-length")) head.headers.set("Content-Length", *length);
  (void)co_await call_.start(std::move(head));
  if (!co_await send(begun)) co_return Step::answered;
  begun = {};
  for (;;) {
    auto piece = co_await upstream.next();
    if (!piece) {
      call_.abort();
      status_ = 502;
      co_return Step::answered;
    }
    if (piece->empty()) break;
    if (!co_await send(*piece)) co_return Step::answered;
  }
  (void)co_await call_.finish();
  co_return Step::answered;
}

/// Another target could still be asked.
bool Exchange::others_left() const noexcept {
  return static_cast<std::size_t>(std::popcount(tried_)) < std::min<std::size_t>(route_->targets.size(), 64);
}

Awaitable<Exchange::Step> Exchange::pass_stream(http::ClientCall& upstream, const Target& target) {
  using dialect::AnswerStream;
  const bool events = is_type(upstream.head().headers, "text/event-stream");
  AnswerStream filter(usage_added_ ? AnswerStream::UsageChunk::remove : AnswerStream::UsageChunk::keep, api_.form,
                      events ? AnswerStream::Pieces::events : AnswerStream::Pieces::objects,
                      others_left() ? AnswerStream::Greeting::waits : AnswerStream::Greeting::begins);
  std::string prelude;  // what comes before the first content: sent with it, so that another target can still be asked
  if (stream_) phase_ = Phase::flowing;
  for (;;) {
    auto piece = co_await upstream.next();
    heard_at_ = state_.clock.steady();
    if (!piece) co_return co_await end_stream(target, filter, std::move(piece.error()));
    const bool end = piece->empty();
    AnswerStream::Output output = end ? filter.finish() : filter.feed(*piece);
    if (filter.failed()) {
      const Later later = read_later(upstream.head().status, upstream.head().headers, filter.error(), state_.clock.wall());
      co_return take_failure(
          target, Error(Code::closed, "it began its stream with an error: " + dialect::openai_error_message(filter.error())), later);
    }
    if (!started_ && !filter.started() && !filter.done()) {
      prelude.append(output.text);
      if (end) break;
      if (prelude.size() <= AnswerStream::held_limit) continue;
      output = {};  // more is not kept: from here on it is this target's answer
    }
    if (!started_) {
      begin_answer(target);
      if (commenting_) co_await comment_sent();
      if (!call_.started()) {
        http::ResponseHead head = answer_head(upstream.head(), target);
        (void)co_await call_.start(std::move(head));
      }
      content_type_ = upstream.head().headers.get("content-type").value_or("text/event-stream");
      if (!prelude.empty()) {
        if (!co_await send(prelude)) co_return Step::answered;
      }
      tee(prelude);
    }
    if (!co_await pass_output(filter, output)) {
      if (filter.done()) status_ = 200;  // many clients close as soon as they have read [DONE]
      co_return Step::answered;
    }
    at_boundary_ = filter.at_boundary();
    if (end) break;
  }
  co_return co_await end_stream(target, filter, std::nullopt);
}

/// False where the client has gone.
Awaitable<bool> Exchange::pass_output(dialect::AnswerStream& filter, dialect::AnswerStream::Output output) {
  usage_ = filter.usage();
  if (!journalled_) {
    // Both parts lie together.
    const std::string_view all = output.last.empty()
                                     ? output.text
                                     : std::string_view(output.last.data() - output.text.size(), output.text.size() + output.last.size());
    if (all.empty()) co_return true;
    co_return co_await send(all);
  }
  tee(output.text);
  tee(output.last);
  if (!output.text.empty()) {
    if (!co_await send(output.text)) co_return false;
  }
  if (output.last.empty()) co_return true;
  if (filter.complete()) co_await record_teed();
  co_return co_await send(output.last);
}

Awaitable<Exchange::Step> Exchange::end_stream(const Target& target, const dialect::AnswerStream& filter, std::optional<Error> broken) {
  if (!started_) co_return take_failure(target, broken.value_or(Error(Code::corrupt, "its stream ended before the first event")));
  phase_ = Phase::none;
  if (commenting_) co_await comment_sent();
  usage_ = filter.usage();
  if (unwanted()) {
    status_ = filter.done() ? 200 : 499;
    co_return Step::answered;
  }
  const bool cut = broken ? !filter.done() : !filter.complete() && !filter.broken();
  if (cut || filter.broken()) {
    on_failure(*target.health, state_.clock.steady());
    status_ = 502;
  }
  if (cut) {
    sight_.on_failed(broken.value_or(Error(Code::closed, "its stream ended early")));
    // Without [DONE] and without a reason to finish, a clean end would make half an answer look whole.
    log::warning("a stream broke off",
                 {{"request", request_id_}, {"target", target.name}, {"why", broken ? broken->message : "it ended early"}});
    co_await break_off(target, filter);
    co_return Step::answered;
  }
  if (journalled_ && filter.complete()) co_await record_teed();
  const auto sent = co_await call_.finish();
  if (journalled_ && sent) journalled_->told = true;
  co_return Step::answered;
}

/// The client reads the error as an event of its own format, where none is half sent, and finds its stream unfinished in any case.
Awaitable<void> Exchange::break_off(const Target& target, const dialect::AnswerStream& filter) {
  if (filter.at_boundary()) {
    const Error error(timed_out_ ? Code::deadline : Code::closed, fmt::format("{} broke off its answer before the end", target.name),
                      "what has come so far is not the whole answer");
    const dialect::ErrorDetail detail{.status = status_, .request_id = request_id_};
    const std::string event = filter.in_array() ? ",\n" + dialect::shape_error(api_.format, error, detail).body + "]"
                                                : dialect::shape_stream_error(api_.format, error, detail);
    (void)co_await send(event);
    if (status_ == 499) co_return;
  }
  call_.abort();
}

/// The first content is here: the choice of the target is final.
void Exchange::begin_answer(const Target& target) {
  started_ = true;
  first_byte_at_ = state_.clock.steady();
  status_ = 200;
  mark(target, Mark::success, {}, first_byte_at_);
}

/// False where the client has gone; then the target is told to stop.
Awaitable<bool> Exchange::send(std::string_view bytes) {
  if (commenting_) co_await comment_sent();
  sending_ = true;
  sent_bytes_ += static_cast<std::int64_t>(bytes.size());
  const auto sent = co_await call_.write(bytes);
  sending_ = false;
  // A slow client is not the target's silence.
  sent_at_ = heard_at_ = state_.clock.steady();
  if (journalled_) co_return after_sending(sent.has_value());
  if (sent) co_return true;
  if (cancel_) cancel_->cancel();
  status_ = 499;
  co_return false;
}

}  // namespace flotte::route::detail
