// A call's request, and one target after the other until one answers.
#include "route/detail/exchange.hpp"

#include <fmt/ranges.h>

#include "base/log.hpp"
#include "dialect/foreign_thoughts.hpp"
#include "http/content_coding.hpp"
#include "route/headers.hpp"
#include "route/ollama_models.hpp"
#include "route/translation.hpp"

namespace flotte::route::detail {
namespace {

/// A whole answer is one silence as long as its making: the first-token deadline does not fit it.
constexpr milliseconds whole_answer{600'000};

/// Counts a call as under way at its place while it lives.
class Counted {
 public:
  explicit Counted(Load& load) : load_(load) { load_.in_flight.fetch_add(1, std::memory_order_relaxed); }
  ~Counted() { load_.in_flight.fetch_sub(1, std::memory_order_relaxed); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Load& load_;
};

/// Where the path says what other bodies say, the body only has to be an object.
Result<dialect::ChatRequest> scan_by_path(std::string_view body, const PathFacts& path) {
  if (auto object = dialect::scan_object(body); !object) return pass(object);
  dialect::ChatRequest request;
  request.model = path.model;
  request.stream = path.stream.value_or(false);
  request.stream_said = true;
  return request;
}

}  // namespace

Exchange::Exchange(GatewayState& state, http::ServerCall& call, const Caller& caller, dialect::Api api, const PathFacts& path)
    : state_(state),
      request_id_(state.next_request_id()),
      sight_(state, call, caller, api, request_id_),
      call_(sight_.call()),
      caller_(caller),
      api_(dialect::facts_of(api)),
      path_(path),
      started_at_(state.clock.steady()),
      admission_(state.lines, state.clock, state.options, caller) {}

Awaitable<void> Exchange::run() {
  /// Whatever happens, the connection and the watch forget this call.
  struct Registered {
    Exchange& exchange;
    ~Registered() {
      exchange.call_.on_gone(nullptr);
      exchange.see_end();
      if (exchange.watched_) exchange.state_.watch.remove(exchange);
      if (exchange.journalled_) exchange.abandon();
      --exchange.state_.counts.under_way;
    }
  };
  ++state_.counts.calls;
  ++state_.counts.under_way;
  const Registered registered{*this};
  if (!co_await read_request()) co_return;
  if (stream_) {
    ++state_.counts.streams;
    sent_at_ = started_at_;
  }
  if (stream_ || journalled_) {
    watched_ = true;
    state_.watch.add(*this);
  }
  call_.on_gone([this] { on_left(); });
  if (estimate_) co_return co_await answer_estimate();
  // What most calls have nothing to do with is not even begun: a coroutine costs its frame.
  if (api_.form == dialect::StreamForm::ollama) {
    const bool loaded = co_await answer_load();
    if (loaded) co_return;
  }
  if (journalled_) {
    const bool replayed = co_await replay();
    if (replayed) co_return;
  }
  if (auto refused = admission_.begin(*route_, body_->text(), api_.answers())) {
    Refusal refusal = not_admitted(std::move(*refused));
    co_return co_await refuse(std::move(refusal));
  }
  std::exception_ptr thrown;
  try {
    co_await ask_targets();
  } catch (...) {
    thrown = std::current_exception();
  }
  if (commenting_) {
    // A comment that is still being sent uses this call, also where the call itself was cancelled.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await comment_sent();
  }
  if (thrown) std::rethrow_exception(thrown);
  if (journalled_) co_await settle();
  report_usage();
}

/// False where the request has already been answered.
Awaitable<bool> Exchange::read_request() {
  const http::Headers& headers = call_.head().headers;
  if (passed_through(headers, state_.options.hub_id)) {
    Error loop(Code::conflict, "this request has passed through this hub before", "a provider's base_url leads back here");
    const dialect::ErrorDetail detail{.status = 508, .code = "loop_detected"};
    co_await refuse(std::move(loop), detail);
    co_return false;
  }
  auto body = co_await call_.read_body(state_.options.body_bytes);
  if (const auto codings = headers.get("content-encoding"); body && codings)
    body = http::decode_content(*codings, std::move(*body), state_.options.body_bytes);
  if (!body) {
    dialect::ErrorDetail detail;
    if (body.error().code == Code::deadline) detail.status = 408;  // it is the client that was slow
    if (body.error().code == Code::unsupported) detail.status = 415;
    if (body.error().code != Code::closed) co_await refuse(std::move(body.error()), detail);
    co_return false;
  }
  auto request = api_.model_in_path ? scan_by_path(*body, path_) : dialect::scan_chat_request(*body);
  if (!request) {
    co_await refuse(std::move(request.error()));
    co_return false;
  }
  model_ = request->model;
  if (auto found = find_route(); !found) {
    const bool unknown = found.error().code == Code::not_found;
    const dialect::ErrorDetail detail{.code = unknown ? "model_not_found" : "", .param = "model"};
    co_await refuse(std::move(found.error()), detail);
    co_return false;
  }
  steer(*body);
  if (auto bounds = keep_to_bounds(); !bounds) {
    const dialect::ErrorDetail detail{.code = "provider_not_allowed", .param = "model"};
    co_await refuse(std::move(bounds.error()), detail);
    co_return false;
  }
  if (auto speaks = leave_out_others(); !speaks) {
    const dialect::ErrorDetail detail{.code = "api_not_spoken", .param = "model"};
    co_await refuse(std::move(speaks.error()), detail);
    co_return false;
  }
  if (caller_.run && state_.journal && api_.answers()) {
    if (auto begun = begin_journalled(*body); !begun) {
      const dialect::ErrorDetail detail{.param = "x-flotte-step"};
      co_await refuse(std::move(begun.error()), detail);
      co_return false;
    }
  }
  stream_ = api_.streams && (request->stream_said ? request->stream : api_.stream_default);
  comments_ = stream_ && !path_.json_array;
  sight_.on_request(model_, *route_, tried_, stream_);
  if (auto own = dialect::without_foreign_thoughts(api_.format, *body))
    if (auto again = dialect::scan_chat_request(*own)) {
      whole_body_ = std::exchange(*body, std::move(*own));
      request = std::move(again);
    }
  if (!api_.usage_edit) request->usage_edit.reset();
  body_.emplace(std::move(*body), *request);
  co_return true;
}

Result<void> Exchange::find_route() {
  auto route = state_.resolve(model_);
  if (!route && api_.base == dialect::Base::root)
    if (const std::string other = other_spelling(model_); !other.empty())
      if (auto same = state_.resolve(other)) route = std::move(same);
  if (!route) return pass(route);
  route_ = std::move(*route);
  if (!caller_.models) return {};
  for (const std::string& pattern : *caller_.models)
    if (matches_pattern(pattern, model_) || matches_pattern(pattern, route_->name)) return {};
  return fail(Code::forbidden, fmt::format("this key may not use the model \"{}\"", model_),
              fmt::format("it may use {}", fmt::join(*caller_.models, ", ")));
}

/// Error: invalid_argument where every target speaks other APIs only.
Result<void> Exchange::leave_out_others() {
  const std::size_t count = std::min<std::size_t>(route_->targets.size(), 64);
  bool one = count == 0 || !route_->away.empty();
  for (std::size_t i = 0; i < count; ++i) {
    if ((tried_ >> i & 1) != 0) continue;
    if (choose_api(api_.api, route_->targets[i].upstream->apis))
      one = true;
    else
      tried_ |= Tried{1} << i;
  }
  estimate_ = !one && api_.purpose == dialect::Purpose::count;
  if (one || estimate_) return {};
  return fail(Code::invalid_argument,
              fmt::format("\"{}\" ({}) does not speak {}, and it cannot be translated to what it speaks: {}", model_,
                          route_->targets.front().name, api_.title, dialect::names_of(apis_of(*route_))),
              "choose a model that speaks it (flotte model ls --json shows \"apis\")");
}

Awaitable<void> Exchange::ask_targets() {
  while (!call_.gone()) {
    auto next = pick(*route_, tried_, state_.clock.steady(), steering_.ask);
    if (next && !admission_.enter(*route_, *next)) {
      tried_ |= Tried{1} << *next;
      continue;
    }
    if (!next) {
      const auto free = co_await admission_.wait(*route_, call_);
      next = free;
    }
    if (!next) {
      if (call_.gone()) co_return;
      // A server may speak messages and still not count them.
      const bool uncounted = api_.purpose == dialect::Purpose::count && refusal_ && refusal_->detail.status == 404;
      if (uncounted) co_return co_await answer_estimate();
      if (!refusal_) refusal_ = nobody_left();
      Refusal last = std::move(*refusal_);
      co_await refuse(std::move(last));
      co_return;
    }
    if (target_) ++state_.counts.failed_over;
    sight_.on_choice(*route_, tried_, *next, state_.clock.steady());
    tried_ |= Tried{1} << *next;
    const Step step = co_await ask(route_->targets[*next]);
    admission_.leave(outcome());
    if (step == Step::answered) co_return;
  }
}

Awaitable<Exchange::Step> Exchange::ask(const Target& target) {
  if (!put_into_words(target)) {
    if (refusal_) sight_.on_failed(refusal_->error);
    co_return Step::next_target;
  }
  if (journalled_) {
    const bool intended = co_await intend(target);
    if (!intended) co_return Step::answered;
  }
  const Counted counted(*target.load);
  target_ = &target;
  asked_at_ = heard_at_ = state_.clock.steady();
  on_asked(target, asked_at_);
  phase_ = stream_ ? Phase::waiting : Phase::none;
  timed_out_ = false;
  cancel_.emplace();
  const Asking asking{.api = *asked_api_, .stream = stream_, .translated = translated_ != nullptr};
  const http::RequestHead head = upstream_head(call_.head(), target, asking, state_.options.hub_id);
  const std::string& body = translated_ ? translated_->request.body : body_->text();
  const http::Deadlines limits = deadlines(target);
  sight_.on_asked(head, body);
  auto sent = co_await state_.client.send(target.upstream->connector, head, body, limits, &*cancel_);
  if (!sent) co_return take_failure(target, std::move(sent.error()));
  sight_.on_answered(*sent);
  http::ClientCall& upstream = **sent;
  const http::ResponseHead& answer = upstream.head();
  admission_.learn(target, answer.headers);
  if (answer.status >= 300 || answer.status < 200) co_return co_await take_refusal(upstream, target);
  if (translated_) co_return co_await bring_back(upstream, target);
  if (comes_in_pieces(answer.headers) || (stream_ && path_.json_array)) co_return co_await pass_stream(upstream, target);
  co_return co_await pass_whole(upstream, target);
}

Exchange::Refusal Exchange::nobody_to_ask() const {
  Refusal refusal;
  if (const auto later = waiting(*route_, state_.clock.steady())) {
    take_waiting(*later, refusal);
  } else if (!route_->away.empty()) {
    refusal.error =
        Error(Code::unavailable, fmt::format("\"{}\" stands for {}, which is not here now", model_, fmt::join(route_->away, ", ")),
              "flotte node ls shows which nodes are linked");
  } else {
    refusal.error =
        Error(Code::unavailable, fmt::format("\"{}\" has no target that can be asked", model_), "flotte model ls shows what it stands for");
  }
  return refusal;
}

http::Deadlines Exchange::deadlines(const Target& target) const {
  const Timeouts& timeouts = target.upstream->timeouts;
  http::Deadlines limits{.connect = timeouts.connect, .first_byte = timeouts.first_token, .idle = timeouts.idle};
  // Of a stream the first token may come long after its head, so on_tick looks after the gaps.
  if (stream_)
    limits.idle = std::max(timeouts.idle, timeouts.first_token) + milliseconds(2'000);
  else
    limits.first_byte = std::max(timeouts.first_token, whole_answer);
  return limits;
}

/// Nothing where the price or the usage is unknown.
std::optional<std::int64_t> Exchange::cost() const noexcept {
  if (target_->kind == TargetKind::engine) return 0;
  return target_->price ? target_->price->cost(usage_) : std::nullopt;
}

/// A call that was refused was not charged; what became of one that ended in silence nobody knows.
bool Exchange::refused() const noexcept { return status_ >= 400 && status_ != 499 && status_ != 504 && first_byte_at_ == SteadyTime{}; }

void Exchange::report_usage() {
  learn();
  if (!target_ || !api_.answers()) return;
  const auto now = state_.clock.steady();
  UsageRecord record;
  record.at_ms = to_ms(state_.clock.wall());
  record.key = caller_.key_id;
  record.model = model_;
  record.target = target_->name;
  record.task = caller_.run ? caller_.run->task : 0;
  record.usage = usage_;
  if (first_byte_at_ != SteadyTime{}) record.first_ms = static_cast<std::int32_t>((first_byte_at_ - started_at_).count());
  record.total_ms = static_cast<std::int32_t>((now - started_at_).count());
  record.status = status_ == 0 ? 499 : status_;
  record.cost_pico_usd = cost().value_or(refused() ? 0 : -1);
  admission_.note(record);
  state_.usage.push(std::move(record));
}

}  // namespace flotte::route::detail
