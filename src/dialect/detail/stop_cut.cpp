// The search, and what may still become a stop.
#include "dialect/detail/stop_cut.hpp"

#include <algorithm>
#include <utility>

namespace flotte::dialect::detail {
namespace {

using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

/// How many bytes at the end of the text begin a stop.
std::size_t begun_stop(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t longest = 0;
  for (const std::string_view stop : stops)
    for (std::size_t n = std::min(text.size(), stop.empty() ? 0 : stop.size() - 1); n > longest; --n)
      if (text.ends_with(stop.substr(0, n))) longest = n;
  return longest;
}

}  // namespace

FoundStop find_stop(std::string_view text, const std::vector<std::string>& stops) noexcept {
  FoundStop found;
  for (const std::string& stop : stops) {
    const std::size_t at = stop.empty() ? std::string_view::npos : text.find(stop);
    if (at < found.at) found = {at, stop};
  }
  return found;
}

void cut_at_stop(llm::Answer& answer, const std::vector<std::string>& stops) {
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    auto* text = std::get_if<llm::Text>(&answer.parts[i].value);
    const FoundStop found = text ? find_stop(text->text, stops) : FoundStop{};
    if (!found.found()) continue;
    text->text.resize(found.at);
    answer.parts.resize(i + 1);
    answer.finish = llm::Finish::stop_sequence;
    answer.stop_sequence = found.stop;
    return;
  }
}

void StopCut::release(std::size_t part, std::string_view text) {
  if (!text.empty()) next_.on_event({.kind = Kind::part_delta, .part = part, .part_kind = PartKind::text, .text = text});
}

void StopCut::grow(const Event& event) {
  if (held_part_ != event.part) release(std::exchange(held_part_, event.part), std::exchange(held_, {}));
  held_ += event.text;
  if (const FoundStop found = find_stop(held_, stops_); found.found()) {
    stop_ = found.stop;
    release(event.part, std::string_view(held_).substr(0, found.at));
    next_.on_event({.kind = Kind::part_end, .part = event.part});
    cut_ = true;
    return;
  }
  const std::size_t free = held_.size() - begun_stop(held_, stops_);
  release(event.part, std::string_view(held_).substr(0, free));
  held_.erase(0, free);
}

void StopCut::end_cut() {
  if (std::exchange(ended_, true)) return;
  next_.on_event({.kind = Kind::finish, .stop_sequence = stop_, .finish = llm::Finish::stop_sequence});
  next_.on_event({.kind = Kind::end});
}

void StopCut::on_event(const Event& event) {
  if (stops_.empty()) return next_.on_event(event);
  const bool last = event.kind == Kind::end || event.kind == Kind::error;  // the answer was whole before that error
  if (cut_ && last) return end_cut();
  if (cut_ && event.kind != Kind::usage && event.kind != Kind::ping) return;
  if (event.kind == Kind::part_delta && event.part_kind == PartKind::text) return grow(event);
  if (event.kind == Kind::part_end && event.part == held_part_) release(event.part, std::exchange(held_, {}));
  next_.on_event(event);
}

}  // namespace flotte::dialect::detail
