// Answers that are none: what they say about the target, and what the client is told.
#include "dialect/openai_reply.hpp"
#include "route/detail/exchange.hpp"
#include "route/headers.hpp"

namespace flotte::route::detail {
namespace {

constexpr std::size_t refusal_bytes = std::size_t{1024} * 1024;

/// The dialect's word for a status that is passed on.
Code code_of(int status) {
  if (status == 429) return Code::exhausted;
  if (status == 503) return Code::unavailable;
  if (status == 504) return Code::deadline;
  return status >= 500 ? Code::closed : Code::invalid_argument;
}

/// "said: too many requests" where the target said something that can be read.
std::string said(std::string_view body) {
  const std::string message = dialect::openai_error_message(body);
  return message.empty() ? std::string() : ": " + message;
}

void add_retry_after(http::ResponseHead& head, milliseconds wait) {
  const auto whole_seconds = (wait.count() + 999) / 1'000;
  head.headers.add("Retry-After", fmt::format("{}", std::max<std::int64_t>(1, whole_seconds)));
}

/// No waiting helps: the client's own code must not try again.
Error spend_limit(const Target& target, std::string_view body) {
  return {Code::exhausted, fmt::format("{} has reached a spend limit at its provider and is not asked for now{}", target.name, said(body)),
          fmt::format("pay, or raise the limit, where \"{}\" has its account", target.place)};
}

}  // namespace

/// All that could be asked has said "later".
void Exchange::take_waiting(const Waiting& later, Refusal& refusal) const {
  if (later.why == Closed::spend) {
    refusal.error = spend_limit(*later.target, {});
    refusal.detail = {.status = 402, .code = "insufficient_quota"};
    return;
  }
  const bool overloaded = later.why == Closed::overloaded;
  refusal.error = Error(overloaded ? Code::unavailable : Code::exhausted,
                        fmt::format("every target of \"{}\" has asked to be called later", model_), "wait as long as Retry-After says");
  refusal.retry_after = later.wait;
}

Awaitable<Exchange::Step> Exchange::take_refusal(http::ClientCall& upstream, const Target& target) {
  const http::ResponseHead& head = upstream.head();
  const int status = head.status;
  auto body = co_await upstream.read_all(refusal_bytes);
  Refusal refusal;
  if (body) refusal.body = std::move(*body);
  const Later later = read_later(status, head.headers, refusal.body, state_.clock.wall());
  const Judgement judgement = judge(status, later);
  mark(target, judgement.mark, later, state_.clock.steady());
  refusal.detail.status = status;
  if (later.kind == LaterKind::spend) {
    refusal.error = spend_limit(target, refusal.body);
    refusal.detail = {.status = 402, .code = "insufficient_quota"};
  } else if (status >= 401 && status <= 403) {
    // Passed on as it is it would tell the client that its own key is wrong.
    refusal.error = Error(Code::closed, fmt::format("{} refused flotte's credentials with {}{}", target.name, status, said(refusal.body)),
                          "the api_key of the provider needs a look");
    refusal.detail = {.status = 502, .code = "provider_refused"};
  } else if (status < 400) {
    refusal.error =
        Error(Code::closed, fmt::format("{} answered with {}, which is no answer", target.name, status), "the base_url may be wrong");
    refusal.detail.status = 502;
  } else if (const bool told = dialect::read_openai_facts(refusal.body).object; told && translated_) {
    auto error = dialect::translate_error(asked_api_->format, api_.format, status, refusal.body, request_id_);
    refusal.head = own_head(error.status, "application/json");
    refusal.head->headers.add("x-flotte-target", target.name);
    if (later.wait) add_retry_after(*refusal.head, *later.wait);
    refusal.body = std::move(error.body);
  } else if (told) {
    refusal.head = answer_head(head, target);
  } else {
    const std::string_view page = is_type(head.headers, "text/html") ? " and a page of HTML" : "";
    refusal.error = Error(code_of(status), fmt::format("{} answered with {}{}", target.name, status, page));
    refusal.retry_after = later.wait;
  }
  if (call_.gone()) co_return Step::answered;
  if (judgement.elsewhere) {
    refusal_ = std::move(refusal);
    co_return Step::next_target;
  }
  co_await refuse(std::move(refusal));
  co_return Step::answered;
}

Exchange::Step Exchange::take_failure(const Target& target, Error error, const Later& later) {
  if (call_.gone()) return Step::answered;
  if (timed_out_)
    error = Error(Code::deadline, fmt::format("its first token took longer than {} s",
                                              std::chrono::duration<double>(target.upstream->timeouts.first_token).count()));
  else if (error.code == Code::cancelled || error.code == Code::io)
    error.code = Code::closed;
  mark(target, later.kind == LaterKind::none ? judge_failure(error.code).mark : Mark::later, later, state_.clock.steady());
  sight_.on_failed(error);
  refusal_.emplace();
  refusal_->error = error.within(target.name);
  if (refusal_->error.hint.empty())
    refusal_->error.hint =
        target.kind == TargetKind::engine ? "flotte node ls shows the state of the engine" : "the provider may be down; try again later";
  return Step::next_target;
}

http::ResponseHead Exchange::own_head(int status, std::string_view content_type) const {
  http::ResponseHead head;
  head.status = status;
  head.headers.add("Content-Type", content_type);
  head.headers.add("x-flotte-request-id", request_id_);
  head.headers.add(api_.format == dialect::Format::anthropic ? "request-id" : "x-request-id", request_id_);
  if (!steering_.note.empty()) head.headers.add("x-flotte-route", steering_.note);
  return head;
}

/// What the target answered, as the client gets it.
http::ResponseHead Exchange::answer_head(const http::ResponseHead& from, const Target& target) const {
  http::ResponseHead head = reply_head(from, request_id_, target.name);
  if (!steering_.note.empty()) head.headers.add("x-flotte-route", steering_.note);
  return head;
}

Awaitable<void> Exchange::refuse(Error error, dialect::ErrorDetail detail) {
  Refusal refusal;
  refusal.error = std::move(error);
  refusal.detail = detail;
  co_await refuse(std::move(refusal));
}

Awaitable<void> Exchange::refuse(Refusal refusal) {
  ++state_.counts.refused;
  refusal.detail.request_id = request_id_;
  if (commenting_) co_await comment_sent();
  phase_ = Phase::none;
  if (call_.started()) {
    // Comments have gone out with a 200, so the error is an event.
    Error error = std::move(refusal.error);
    if (refusal.head)
      error = Error(code_of(refusal.head->status),
                    fmt::format("{} answered with {}{}", target_->name, refusal.head->status, said(refusal.body)));
    status_ = refusal.head ? refusal.head->status : dialect::shape_error(api_.format, error, refusal.detail).status;
    const std::string event = dialect::shape_stream_error(api_.format, error, refusal.detail);
    if (co_await send(event)) (void)co_await call_.finish();
    co_return;
  }
  if (refusal.head) {
    status_ = refusal.head->status;
    (void)co_await call_.respond(std::move(*refusal.head), refusal.body);
    co_return;
  }
  const auto shaped = dialect::shape_error(api_.format, refusal.error, refusal.detail);
  status_ = shaped.status;
  http::ResponseHead head = own_head(shaped.status, "application/json");
  if (target_) head.headers.add("x-flotte-target", target_->name);
  if (refusal.retry_after) add_retry_after(head, *refusal.retry_after);
  (void)co_await call_.respond(std::move(head), shaped.body);
}

}  // namespace flotte::route::detail
