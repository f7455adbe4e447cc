// Hands a batch's items in: blobs first (only those that the hub lacks), then the items in order.
#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/async/pool.hpp"
#include "cli/batch/input.hpp"
#include "cli/batch/patience.hpp"
#include "client/batches.hpp"

namespace flotte::cli {

class Submitter {
 public:
  /// `on_refused`: an input that cannot be handed in (the hub says no to it, its file is gone); the others go on.
  using OnRefused = std::function<void(const Input&, const Error&)>;
  /// `handed_in` counts the inputs that are dealt with.
  Submitter(client::Batches& batches, Patience& patience, BlockingPool& pool, Placement placement, OnRefused on_refused,
            std::size_t& handed_in)
      : batches_(batches),
        patience_(patience),
        pool_(pool),
        placement_(std::move(placement)),
        on_refused_(std::move(on_refused)),
        handed_in_(handed_in) {}

  /// Everything from index `first` on, then the seal; a batch that would be sealed empty is cancelled. The inputs must outlive the call.
  /// Errors: those that concern more than one input.
  Awaitable<Result<void>> run(std::string batch, std::int64_t first, std::vector<const Input*> inputs);

 private:
  Awaitable<Result<void>> run_group(std::vector<const Input*> group);
  Awaitable<Result<void>> send_singly(std::vector<const Input*> inputs);
  Awaitable<Result<void>> send(const std::vector<const Input*>& inputs);
  Awaitable<Result<void>> upload(const Input& input);
  void refuse(const Input& input, const Error& why);

  client::Batches& batches_;
  Patience& patience_;
  BlockingPool& pool_;
  Placement placement_;
  OnRefused on_refused_;
  std::size_t& handed_in_;
  std::string batch_;
  std::int64_t next_ = 0;  // index of the next item
  std::set<std::string> uploaded_;
};

}  // namespace flotte::cli
