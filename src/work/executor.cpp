// Ends of runs.
#include "work/executor.hpp"

namespace flotte::work {

wire::Finished failed(Error error, Again again) {
  wire::Finished f;
  f.outcome = "failed";
  f.error = std::move(error);
  f.retryable = again == Again::yes;
  return f;
}

wire::Finished succeeded(json::object result) {
  wire::Finished f;
  f.outcome = "succeeded";
  f.result = std::move(result);
  return f;
}

wire::Finished stopped() {
  wire::Finished f;
  f.outcome = "cancelled";
  f.retryable = false;
  f.error = Error(Code::cancelled, "cancelled");
  return f;
}

}  // namespace flotte::work
