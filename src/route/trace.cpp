// Keeping a trace's memory for the next call.
#include "route/trace.hpp"

namespace flotte::route {

std::string_view to_string(Left left) noexcept {
  switch (left) {
    case Left::asked_before: return "asked_before";
    case Left::not_spoken: return "not_spoken";
    case Left::broken: return "broken";
    case Left::quota: return "quota";
    case Left::overloaded: return "overloaded";
    case Left::spend: return "spend";
    case Left::no_room: return "no_room";
    case Left::not_its_turn: return "not_its_turn";
  }
  return "";
}

Words Trace::put(std::string_view words) {
  const Words place{static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(words.size())};
  text.append(words);
  return place;
}

std::size_t Trace::bytes() const noexcept {
  std::size_t sum = sizeof(Trace) + text.capacity() + attempts.capacity() * sizeof(Attempt) + left.capacity() * sizeof(LeftOut) +
                    received.text.capacity() + sent.text.capacity();
  for (const Attempt& attempt : attempts) sum += attempt.sent.text.capacity() + attempt.received.text.capacity();
  return sum;
}

void Trace::clear() {
  Trace fresh;
  fresh.text = std::move(text);
  fresh.attempts = std::move(attempts);
  fresh.left = std::move(left);
  fresh.text.clear();
  fresh.attempts.clear();
  fresh.left.clear();
  *this = std::move(fresh);
}

}  // namespace flotte::route
