// One call that waits for a place. Internal to route; on its loop.
#pragma once
#include "route/detail/admission.hpp"

namespace flotte::route::detail {

/// Stands in the lines of those whose places the call waits for. Who waits for something else (its key's money, a quota) stands in none, so
/// that nobody has to wait behind it.
class InLine {
 public:
  InLine(Lines& lines, Executor executor, Urgency urgency, Account* account, SteadyTime now);
  ~InLine();
  InLine(const InLine&) = delete;
  InLine& operator=(const InLine&) = delete;

  /// At the end of the line; nothing where it stands there already, or does not.
  void join(Limiter& limiter);
  void leave(Limiter& limiter);
  /// Nobody has to be served before it.
  bool first(const Limiter& limiter) const noexcept;
  /// It has waited for so long that estimates have to be believed.
  bool long_since(SteadyTime now) const noexcept { return now - began_ > std::chrono::seconds(5); }
  /// Waits until it is worth looking again: at most that long. False where the call was cancelled.
  Awaitable<bool> pause(milliseconds at_most);

 private:
  bool stands_at(const Limiter& limiter) const noexcept;
  bool first_anywhere() const noexcept;
  Lines& lines_;
  const Urgency urgency_;
  Account* const account_;
  const SteadyTime began_;
  std::vector<Limiter*> limiters_;
  Event moved_up_;
};

}  // namespace flotte::route::detail
