// An exchange before and after its targets are asked: what its key and the providers allow.
#include "route/detail/exchange.hpp"

namespace flotte::route::detail {

Exchange::Refusal Exchange::not_admitted(Admission::Refused refused) const {
  Refusal refusal;
  refusal.error = std::move(refused.error);
  refusal.detail.code = refused.code;
  refusal.retry_after = refused.retry_after;
  // As providers say it of their own accounts: clients try a 429 again, and that would be in vain.
  if (refused.code == "insufficient_quota") refusal.detail.status = 402;
  if (refused.purse && caller_.on_emptied) caller_.on_emptied(*refused.purse);
  return refusal;
}

/// Where no target is left: what admission says, before anything that is true of all targets alike.
Exchange::Refusal Exchange::nobody_left() const {
  if (admission_.refused()) return not_admitted(*admission_.refused());
  return nobody_to_ask();
}

/// Of the target that was asked last.
Admission::Outcome Exchange::outcome() const {
  Admission::Outcome outcome;
  outcome.answered = first_byte_at_ != SteadyTime{};
  outcome.whole = outcome.answered && status_ == 200;
  // A target that broke or said no has sold nothing; one that nobody waited for may have.
  outcome.silent = !outcome.answered && (call_.gone() || timed_out_ || (refusal_ && refusal_->error.code == Code::deadline));
  outcome.bytes = sent_bytes_;
  if (!outcome.answered) return outcome;
  outcome.usage = usage_;
  outcome.pico_usd = cost();
  return outcome;
}

}  // namespace flotte::route::detail
