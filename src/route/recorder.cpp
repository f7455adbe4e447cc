// Making room, and looking for a call.
#include "route/recorder.hpp"

#include <algorithm>
#include <charconv>

namespace flotte::route {
namespace {

/// Traces kept for their memory alone.
constexpr std::size_t spare_limit = 64, spare_memory = std::size_t{16} * 1024;

bool matches_status(const Trace& trace, std::string_view wanted) {
  if (wanted.empty()) return true;
  if (wanted == "live") return !trace.ended;
  if (!trace.ended) return false;
  if (wanted == "ok") return trace.status >= 200 && trace.status < 400;
  if (wanted == "error") return trace.status == 0 || trace.status >= 400;
  if (wanted.size() == 3 && wanted.substr(1) == "xx") return trace.status / 100 == wanted.front() - '0';
  int number = -1;
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  return trace.status == number;
}

bool matches(const Trace& trace, const TraceFilter& f) {
  if (!f.key.empty() && trace.words(trace.key) != f.key && trace.words(trace.key_name) != f.key) return false;
  if (!f.model.empty() && trace.words(trace.model) != f.model && trace.words(trace.route) != f.model &&
      trace.words(trace.target) != f.model)
    return false;
  if (f.task != 0 && trace.task != f.task) return false;
  if (!matches_status(trace, f.status)) return false;
  if (!f.before) return true;
  return trace.at < f.before->first || (trace.at == f.before->first && trace.words(trace.id) < f.before->second);
}

std::size_t body_bytes(const Trace& trace) noexcept {
  std::size_t sum = trace.received.text.size() + trace.sent.text.size();
  for (const Trace::Attempt& attempt : trace.attempts) sum += attempt.sent.text.size() + attempt.received.text.size();
  return sum;
}

}  // namespace

RecorderLimits RecorderLimits::shared_by(std::size_t loops) const {
  RecorderLimits share = *this;
  const std::size_t n = std::max<std::size_t>(loops, 1);
  share.count = std::max<std::size_t>((count + n - 1) / n, 1);
  share.bytes = bytes / n;
  share.body_bytes = std::min(body_bytes, share.bytes / 4);
  return share;
}

TraceLine line_of(const Trace& t) {
  TraceLine line;
  line.at = t.at;
  line.id = t.words(t.id);
  line.key = t.words(t.key);
  line.key_name = t.words(t.key_name);
  line.model = t.words(t.model);
  line.target = t.words(t.target);
  line.replay_of = t.words(t.replay_of);
  line.api = t.api;
  line.task = t.task;
  line.stream = t.stream;
  line.ended = t.ended;
  line.status = t.status;
  line.attempts = t.attempts.size();
  line.first_byte = t.first_byte;
  line.end = t.end;
  line.usage = t.usage;
  line.cost_pico_usd = t.cost_pico_usd;
  return line;
}

bool newer_first(const TraceLine& a, const TraceLine& b) noexcept { return a.at != b.at ? a.at > b.at : a.id > b.id; }

Recorder::Recorder(RecorderLimits limits, const Clock& clock) : limits_(limits), clock_(clock) {}

Trace& Recorder::begin() {
  const WallTime now = clock_.wall();
  forget_older(now);
  std::unique_ptr<Trace> trace;
  if (spare_.empty()) {
    trace = std::make_unique<Trace>();
  } else {
    trace = std::move(spare_.back());
    spare_.pop_back();
  }
  trace->clear();
  trace->at = now;
  trace->began = step_time();
  trace->place = live_.size();
  live_.push_back(std::move(trace));
  return *live_.back();
}

void Recorder::end(Trace& trace) {
  const std::size_t place = trace.place;
  live_bytes_ -= body_bytes(trace);
  trace.ended = true;
  trace.counted = trace.bytes();
  bytes_ += trace.counted;
  done_.push_back(std::move(live_[place]));
  if (place + 1 < live_.size()) {
    live_[place] = std::move(live_.back());
    live_[place]->place = place;
  }
  live_.pop_back();
  while (done_.size() > limits_.count || (bytes_ + live_bytes_ > limits_.bytes && !done_.empty())) {
    ++forgotten_;
    forget_oldest();
  }
}

void Recorder::forget_oldest() {
  std::unique_ptr<Trace> oldest = std::move(done_.front());
  done_.pop_front();
  bytes_ -= oldest->counted;
  if (spare_.size() >= spare_limit || oldest->counted > spare_memory) return;
  spare_.push_back(std::move(oldest));
}

void Recorder::keep(KeptBody& body, std::string_view piece) {
  // Nothing behind a gap: what is kept is always the beginning.
  const bool whole = body.text.size() == body.bytes;
  body.bytes += piece.size();
  if (!whole || limits_.record != Recording::bodies) return;
  piece = piece.substr(0, limits_.body_bytes - std::min(limits_.body_bytes, body.text.size()));
  while (bytes_ + live_bytes_ + piece.size() > limits_.bytes && !done_.empty()) {
    ++forgotten_;
    forget_oldest();
  }
  if (bytes_ + live_bytes_ + piece.size() > limits_.bytes) return;
  live_bytes_ += piece.size();
  body.text.append(piece);
}

void Recorder::expire() { forget_older(clock_.wall()); }

void Recorder::forget_older(WallTime now) {
  const auto too_old = [&](const Trace& trace) {
    return now - trace.at > limits_.age + std::chrono::duration_cast<milliseconds>(std::chrono::microseconds(trace.end));
  };
  while (!done_.empty() && too_old(*done_.front())) forget_oldest();
}

std::vector<TraceLine> Recorder::list(const TraceFilter& filter) {
  expire();
  std::vector<TraceLine> lines;
  for (const auto& trace : live_)
    if (matches(*trace, filter)) lines.push_back(line_of(*trace));
  for (const auto& trace : done_)
    if (matches(*trace, filter)) lines.push_back(line_of(*trace));
  std::sort(lines.begin(), lines.end(), newer_first);
  if (lines.size() > filter.limit) lines.resize(filter.limit);
  return lines;
}

std::optional<Trace> Recorder::find(std::string_view id) {
  expire();
  for (const auto& trace : live_)
    if (trace->words(trace->id) == id) return *trace;
  for (const auto& trace : done_)
    if (trace->words(trace->id) == id) return *trace;
  return std::nullopt;
}

void Recorder::mark_replay(std::string_view id, std::string_view of) {
  const auto mark = [&](Trace& trace) {
    if (trace.words(trace.id) == id) trace.replay_of = trace.put(of);
  };
  for (const auto& trace : live_) mark(*trace);
  for (const auto& trace : done_) {
    mark(*trace);
    bytes_ -= std::exchange(trace->counted, trace->bytes());
    bytes_ += trace->counted;
  }
}

Recorder::Counts Recorder::counts() const noexcept { return {done_.size() + live_.size(), bytes_ + live_bytes_, forgotten_}; }

}  // namespace flotte::route
