// What the model calls of a run used, and by which attempt it is reported.
#pragma once
#include "wire/link.hpp"
#include "work/model/client.hpp"

namespace flotte::work {

/// Adds calls up. Recorded answers of earlier attempts count like bought ones, and a failed attempt that will be tried again reports
/// nothing: its answers are recorded, and the attempt that uses them counts them. So the sum over a task's attempts counts each answer
/// once.
class Bill {
 public:
  void add(const ModelAnswer& answer);
  /// Writes usage and target into the end of the run.
  void settle(const wire::Offer& offer, wire::Finished& finished) const;
  int replayed() const noexcept { return replayed_; }
  int calls() const noexcept { return calls_; }

 private:
  wire::Usage usage_;
  std::string target_;
  int calls_ = 0, replayed_ = 0;
};

/// The end of a run whose model call failed.
wire::Finished failed(const ModelFailure& failure);

}  // namespace flotte::work
