// Hands a batch's items in: blobs first (only those that the hub lacks), then the items in the order of their index.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/async/pool.hpp"
#include "cli/batch/input.hpp"
#include "cli/batch/patience.hpp"
#include "client/batches.hpp"

namespace flotte::cli {

/// An input and its place in the batch.
struct Submission {
  const Input* input = nullptr;
  std::int64_t index = 0;
};

class Submitter {
 public:
  Submitter(client::Batches& batches, Patience& patience, BlockingPool& pool, Placement placement)
      : batches_(batches), patience_(patience), pool_(pool), placement_(std::move(placement)) {}

  /// Everything, then the seal. The inputs must outlive the call. A file that changed or went away since it was hashed: its item is handed
  /// in all the same if the hub has those bytes, else the error is `io` and names it.
  Awaitable<Result<void>> run(std::string batch, std::vector<Submission> items);
  std::size_t handed_in() const noexcept { return handed_in_; }

 private:
  Awaitable<Result<void>> run_group(const std::string& batch, std::span<const Submission> group);
  Awaitable<Result<void>> upload(const Input& input);

  client::Batches& batches_;
  Patience& patience_;
  BlockingPool& pool_;
  Placement placement_;
  std::set<std::string> uploaded_;
  std::size_t handed_in_ = 0;
};

}  // namespace flotte::cli
