// One call that waits for a place. Internal to route; on its loop.
#pragma once
#include "route/detail/admission.hpp"

namespace flotte::route::detail {

/// Stands in the lines of everything that the call may get a place at, while it lives.
class InLine {
 public:
  InLine(Lines& lines, Executor executor, const Route& route, Tried full, Urgency urgency, Account* account);
  ~InLine();
  InLine(const InLine&) = delete;
  InLine& operator=(const InLine&) = delete;

  /// Nobody of this loop and of its urgency has waited for longer.
  bool first(const Limiter& limiter) const noexcept;
  /// Waits until it is worth looking again: at most that long. False where the call was cancelled.
  Awaitable<bool> pause(milliseconds at_most);

 private:
  bool first_anywhere() const noexcept;
  Lines& lines_;
  const Urgency urgency_;
  Account* const account_;
  std::vector<Limiter*> limiters_;
  Event moved_up_;
};

}  // namespace flotte::route::detail
