// Follows a batch: brings each result to disk as it ends, and keeps the view up to date.
#pragma once
#include <map>
#include <string>

#include "cli/batch/directory.hpp"
#include "cli/batch/patience.hpp"
#include "cli/batch/progress.hpp"
#include "cli/batch/rate.hpp"
#include "client/batches.hpp"

namespace flotte::cli {

class Follower {
 public:
  /// All must outlive it. `view` is kept up to date but for what only submitting knows.
  Follower(client::Batches& batches, Patience& patience, ResultDirectory& directory, ProgressView& view, const Clock& clock);

  /// Returns when the batch has ended and every item of it has its row. Errors: those that waiting does not mend.
  Awaitable<Result<void>> run();
  /// The hub would not take that input: its row says why.
  void refuse(const std::string& name, const Error& why);
  /// Ends `run` soon with that error: handing in failed, so the batch would never end.
  void stop(Error why) { stopped_ = std::move(why); }
  /// Recounts the view from the rows.
  void recount();

 private:
  Awaitable<Result<std::size_t>> take_ended();
  Awaitable<Result<void>> take_missing();
  Awaitable<Result<void>> take(const client::BatchItem& item);
  Awaitable<Result<std::string>> fetch_text(const wire::TaskView& task);
  Result<void> save_sometimes();
  void show(const wire::BatchView& batch);

  client::Batches& batches_;
  Patience& patience_;
  ResultDirectory& directory_;
  ProgressView& view_;
  const Clock& clock_;
  SteadyTime start_, next_save_;
  RateEstimator rate_;
  void close_spent();

  bool first_look_ = true;  // what had ended before we looked says nothing about the rate
  std::optional<Error> stopped_;
  std::map<std::string, const RememberedInput*> by_name_;
};

}  // namespace flotte::cli
