// Calls of tasks: what the journal is told of them, and what it gives back. Calls without a task never come here.
#include "base/async/post.hpp"
#include "base/log.hpp"
#include "route/detail/exchange.hpp"
#include "route/headers.hpp"
#include "route/request_hash.hpp"
#include "wire/step.hpp"

namespace flotte::route::detail {
namespace {

constexpr std::size_t replayed_piece = std::size_t{16} * 1024;

std::string versions(const http::Headers& headers) {
  return fmt::format("{}\n{}", headers.get("anthropic-version").value_or(""), headers.get("anthropic-beta").value_or(""));
}

}  // namespace

/// Error: invalid_argument, where the call's step is no name.
Result<void> Exchange::begin_journalled(std::string_view body) {
  const http::Headers& headers = call_.head().headers;
  const std::string_view step = headers.get("x-flotte-step").value_or("");
  if (!wire::is_step_name(step))
    return fail(Code::invalid_argument, "x-flotte-step is no name of a step",
                fmt::format("at most {} bytes of UTF-8 without control characters", wire::step_name_bytes));
  journalled_ = std::make_unique<Journalled>();
  CallId& id = journalled_->id;
  id.task = caller_.run->task;
  id.fence = caller_.run->fence;
  id.step = step;
  id.request = request_hash(api_, path_, versions(headers), body);
  journalled_->owner = std::make_shared<Exchange*>(this);
  return {};
}

/// True where a recorded answer was given (or the journal could not be asked, and the call was refused).
Awaitable<bool> Exchange::replay() {
  auto opened = co_await state_.journal->open(journalled_->id);
  if (!opened && opened.error().code == Code::unprocessable) {
    const dialect::ErrorDetail detail{.status = 422, .code = "too_many_calls"};
    co_await refuse(std::move(opened.error()), detail);
    co_return true;
  }
  if (!opened) {
    Error unread = opened.error().within("the call journal cannot be read");
    const dialect::ErrorDetail detail{.status = 503};
    co_await refuse(std::move(unread), detail);
    co_return true;
  }
  journalled_->call = std::move(*opened);
  journalled_->phase = Journalled::Phase::opened;
  if (!journalled_->call.answer) co_return false;
  const Recorded& answer = *journalled_->call.answer;
  ++state_.counts.replayed;
  status_ = 200;
  http::ResponseHead head = own_head(200, answer.content_type);
  head.headers.add("x-flotte-target", answer.target);
  head.headers.add("x-flotte-replayed", "1");
  const bool given = co_await give_again(std::move(head), answer.body);
  journalled_->phase = Journalled::Phase::settled;
  if (given)
    state_.journal->told(journalled_->id, journalled_->call.place);
  else
    state_.journal->untold(journalled_->id, journalled_->call.place);
  co_return true;
}

/// A stream comes as a stream again. False where the client has gone.
Awaitable<bool> Exchange::give_again(http::ResponseHead head, std::string_view body) {
  if (!stream_) {
    const auto sent = co_await call_.respond(std::move(head), body);
    co_return sent.has_value();
  }
  head.headers.add("Cache-Control", "no-cache");
  auto sent = co_await call_.start(std::move(head));
  while (sent && !body.empty()) {
    const std::string_view piece = body.substr(0, replayed_piece);
    body.remove_prefix(piece.size());
    sent = co_await call_.write(piece);
  }
  if (sent) sent = co_await call_.finish();
  co_return sent.has_value();
}

/// Before the first target is asked. False where the journal cannot be written: then the call was refused.
Awaitable<bool> Exchange::intend(const Target& target) {
  if (journalled_->phase != Journalled::Phase::opened) co_return true;
  if (target.kind == TargetKind::engine) {
    journalled_->phase = Journalled::Phase::intended;
    state_.journal->intend_soon(journalled_->id, journalled_->call);
    co_return true;
  }
  const auto written = co_await state_.journal->intend(journalled_->id, journalled_->call);
  if (written) {
    journalled_->phase = Journalled::Phase::intended;
    co_return true;
  }
  Error unwritten = written.error().within("the call journal cannot be written");
  const dialect::ErrorDetail detail{.status = 503};
  co_await refuse(std::move(unwritten), detail);
  co_return false;
}

void Exchange::tee(std::string_view bytes) {
  if (!journalled_ || journalled_->over) return;
  std::string& teed = journalled_->teed;
  if (teed.size() + bytes.size() > state_.options.journal_bytes) {
    journalled_->over = true;
    teed = {};
    return;
  }
  teed.append(bytes);
}

Awaitable<void> Exchange::record_teed() {
  std::string body = std::move(journalled_->teed);
  journalled_->teed = {};
  co_await record(body);
}

/// Durable when it returns. An answer that cannot be recorded is still passed on: it is paid for.
Awaitable<void> Exchange::record(std::string_view body) {
  if (!journalled_ || journalled_->phase != Journalled::Phase::intended) co_return;
  if (journalled_->over || body.size() > state_.options.journal_bytes) co_return;
  if (content_type_.empty()) content_type_ = "application/json";
  Recorded answer{content_type_, std::string(body), target_->name, usage_, cost()};
  const auto done = co_await state_.journal->record(journalled_->id, journalled_->call.place, std::move(answer));
  if (done) {
    journalled_->phase = Journalled::Phase::recorded;
    count_purchase();
    co_return;
  }
  journalled_->over = true;  // what comes now is not the whole answer
  log::warning("an answer could not be recorded", {{"request", request_id_}, {"task", caller_.run->task}, {"why", done.error().text()}});
}

void Exchange::count_purchase() noexcept {
  if (journalled_->call.repeats != 0) ++state_.counts.maybe_twice;
}

/// How it ended, for a call that was not answered from the journal. A task pays also for an answer that the journal does not have.
Awaitable<void> Exchange::settle() {
  const auto phase = std::exchange(journalled_->phase, Journalled::Phase::settled);
  const std::int64_t place = journalled_->call.place;
  if (phase == Journalled::Phase::recorded) {
    if (journalled_->told)
      state_.journal->told(journalled_->id, place);
    else
      state_.journal->untold(journalled_->id, place);
    co_return;
  }
  if (phase == Journalled::Phase::opened) state_.journal->withdraw(journalled_->id, place);
  if (phase != Journalled::Phase::intended) co_return;
  Lost how;
  if (refused())
    how.paid = Lost::Paid::nothing;
  else
    count_purchase();
  if (target_ && first_byte_at_ != SteadyTime{}) {
    how.charged = true;
    how.cost_pico_usd = cost();
  }
  const auto done = co_await state_.journal->lose(journalled_->id, place, how);
  if (!done) log::warning("what a call cost could not be recorded", {{"request", request_id_}, {"why", done.error().text()}});
}

/// Ended by an exception, or before anybody was asked.
void Exchange::abandon() noexcept {
  const auto phase = std::exchange(journalled_->phase, Journalled::Phase::settled);
  if (phase == Journalled::Phase::fresh || phase == Journalled::Phase::settled) return;
  if (phase == Journalled::Phase::opened)
    state_.journal->withdraw(journalled_->id, journalled_->call.place);
  else
    state_.journal->abandon(journalled_->id, journalled_->call.place);
}

/// The client has gone. An answer that is being bought for a task that still wants it is read to its end: the task's next run gets it.
void Exchange::on_left() {
  const bool bought = journalled_ && journalled_->phase == Journalled::Phase::intended && !state_.draining;
  if (!bought) {
    if (cancel_) cancel_->cancel();
    return;
  }
  if (std::exchange(journalled_->reads_on, true)) return;
  std::weak_ptr<Exchange*> owner = journalled_->owner;
  state_.journal->left(journalled_->id, journalled_->call.place, [executor = state_.executor, owner](bool wanted) {
    if (wanted) return;
    post_to(executor, [owner] {
      if (const auto exchange = owner.lock()) (*exchange)->stop_reading_on();
    });
  });
}

/// False where nobody reads any more, the journal included.
bool Exchange::after_sending(bool sent) {
  if (sent) {
    if (journalled_->phase == Journalled::Phase::recorded) journalled_->told = true;
    return true;
  }
  on_left();
  if (journalled_->reads_on) return true;
  status_ = 499;
  return false;
}

void Exchange::stop_reading_on() {
  journalled_->reads_on = false;
  if (cancel_) cancel_->cancel();
}

}  // namespace flotte::route::detail
