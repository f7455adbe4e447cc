// Adding calls up.
#include "work/prompt/bill.hpp"

#include <algorithm>

#include "work/executor.hpp"

namespace flotte::work {

void Bill::add(const ModelAnswer& answer) {
  const auto known = [](std::int64_t n) { return std::max<std::int64_t>(n, 0); };
  usage_.input_tokens += known(answer.usage.input_tokens);
  usage_.cached_tokens += known(answer.usage.cached_tokens);
  usage_.output_tokens += known(answer.usage.output_tokens);
  if (!answer.target.empty()) target_ = answer.target;
  ++calls_;
  replayed_ += answer.replayed;
}

void Bill::settle(const wire::Offer& offer, wire::Finished& finished) const {
  finished.target = target_;
  const bool again = finished.outcome == "failed" && finished.retryable && (finished.later || offer.attempt < offer.spec.max_attempts);
  if (!again) finished.usage = usage_;
  if (replayed_ > 0 && finished.result.is_object()) finished.result.get_object()["replayed"] = replayed_;
}

wire::Finished failed(const ModelFailure& failure) {
  if (failure.error.code == Code::cancelled) return stopped();
  wire::Finished finished = failed(failure.error, failure.retryable ? Again::yes : Again::no);
  if (failure.retryable) finished.later = failure.later;
  return finished;
}

}  // namespace flotte::work
