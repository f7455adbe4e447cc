// Gathering output, moving the live view, asking to stop.
#include "work/run_context.hpp"

#include "work/text/utf8.hpp"

namespace flotte::work {

void StopSignal::request(StopCause cause) {
  if (requested()) {
    if (cause == StopCause::dropped) cause_ = cause;  // what was cancelled may still be lost
    return;
  }
  cause_ = cause;
  event.set();
  // A hook may remove itself or another one.
  while (!hooks_.empty()) {
    Hook* hook = hooks_.front();
    hooks_.pop_front();
    hook->place_ = hooks_.end();
    const auto call = hook->call_;
    call();
  }
}

StopSignal::Hook::Hook(StopSignal& signal, std::function<void()> call) : signal_(signal), call_(std::move(call)) {
  place_ = signal_.hooks_.end();
  if (signal_.requested())
    call_();
  else
    place_ = signal_.hooks_.insert(signal_.hooks_.end(), this);
}

StopSignal::Hook::~Hook() {
  if (place_ != signal_.hooks_.end()) signal_.hooks_.erase(place_);
}

RunContext::RunContext(Executor executor, wire::Offer offer, wire::WorkerInfo worker, RunEvents& events, const Clock& clock)
    : executor_(executor), offer_(std::move(offer)), worker_(std::move(worker)), events_(events), clock_(clock), stop_(executor) {}

void RunContext::output(std::string_view stream, std::string_view text) {
  if (!text.empty()) gather(stream, text, -1);
}

void RunContext::output_to(std::string_view stream, std::string_view text, std::int64_t to) { gather(stream, text, to); }

std::int64_t RunContext::told(std::string_view stream) const {
  const auto it = told_.find(stream);
  return it == told_.end() ? 0 : it->second;
}

void RunContext::set_told(std::string_view stream, std::int64_t to) { told_[std::string(stream)] = to; }

void RunContext::gather(std::string_view stream, std::string_view text, std::int64_t to) {
  auto it = gathered_.find(stream);
  if (it == gathered_.end()) it = gathered_.emplace(std::string(stream), Gathered{}).first;
  Gathered& g = it->second;
  if (g.text.empty()) g.since = clock_.steady();
  g.text += text;
  g.to = to;
  if (g.text.size() >= chunk_bytes || clock_.steady() - g.since >= chunk_time) tell(stream, g);
  if (!text.empty()) live(text);
}

/// Hands over what is gathered of one stream.
void RunContext::tell(std::string_view stream, Gathered& g) {
  if (g.text.empty()) return;
  const std::string text = std::exchange(g.text, {});
  std::string_view rest = text;
  while (rest.size() > record_bytes) {
    std::size_t piece = record_bytes;
    while (piece > 1 && (static_cast<unsigned char>(rest[piece]) & 0xc0) == 0x80) --piece;
    events_.on_output(offer_.run, stream, rest.substr(0, piece));
    rest.remove_prefix(piece);
  }
  if (g.to < 0) return events_.on_output(offer_.run, stream, rest);
  events_.on_output_to(offer_.run, stream, rest, g.to);
  set_told(stream, g.to);
  if (on_told_) on_told_();
}

void RunContext::live(std::string_view text) {
  activity_.tail += text;
  activity_.tail = utf8_tail(activity_.tail, tail_bytes);
  say();
}

void RunContext::step(std::string_view what, double fraction) {
  activity_.step = what;
  activity_.progress = fraction;
  events_.on_progress(offer_.run, what, fraction);
  say();
}

void RunContext::target(std::string_view target) {
  if (activity_.target == target) return;
  activity_.target = target;
  say();
}

void RunContext::tokens(std::int64_t output_tokens) { activity_.output_tokens = output_tokens; }

void RunContext::flush() {
  for (auto& [stream, g] : gathered_) tell(stream, g);
}

void RunContext::flush_due() {
  for (auto& [stream, g] : gathered_)
    if (clock_.steady() - g.since >= chunk_time) tell(stream, g);
}

void RunContext::say() { events_.on_activity(offer_.run, activity_); }

}  // namespace flotte::work
