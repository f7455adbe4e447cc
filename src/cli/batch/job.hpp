// `flotte batch run` and `attach`, from files to results. One per command; lives until the session has ended.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/async/pool.hpp"
#include "cli/batch/board.hpp"
#include "cli/batch/directory.hpp"
#include "cli/batch/estimate.hpp"
#include "cli/batch/follow.hpp"
#include "cli/batch/input.hpp"
#include "cli/batch/plan.hpp"
#include "cli/batch/submit.hpp"
#include "cli/session.hpp"

namespace flotte::cli {

struct BatchRunOptions {
  std::vector<std::string> paths;
  std::string prompt, model, output;  // no model: see choose_model
  Placement placement;
  bool detach = false;
  std::string max_cost;  // dollars, empty: no limit
  bool dry_run = false;  // the estimate and nothing else
};

struct BatchAttachOptions {
  std::string batch, output;
};

class BatchJob {
 public:
  explicit BatchJob(Session& session);
  /// Finds, reads and hashes the inputs; blocking, before `run`. Errors: not_found and invalid_argument for what the person gave.
  Result<void> prepare(BatchRunOptions options);
  /// Status 0, or 1 where an input did not succeed.
  Awaitable<Result<int>> run();
  Awaitable<Result<int>> attach(BatchAttachOptions options);
  /// After an interrupted session: keeps what is there and says how to go on.
  void leave();

 private:
  Result<void> choose_directory();
  WorkPlan plan_rest() const;
  void adopt(const WorkPlan& plan);
  Awaitable<Result<void>> finish_earlier(WorkPlan plan);
  Awaitable<Result<void>> run_rest();
  Awaitable<Result<int>> run_dry();
  /// What `items` will take. Error: invalid_argument where a limit of cost cannot be kept.
  Awaitable<Result<Estimate>> estimate(std::vector<const Input*> items);
  Awaitable<Result<std::map<std::string, KnownModel>>> ask_for_models(std::vector<std::string> names);
  Awaitable<Result<void>> create_batch();
  Awaitable<Result<std::set<std::string>>> names_at_hub(std::int64_t& next);
  Awaitable<Result<void>> hand_in_and_follow(std::int64_t first, std::vector<const Input*> items);
  Awaitable<void> hand_in(std::int64_t first, std::vector<const Input*> items);
  Awaitable<void> warn_of_demonstration();
  Awaitable<Result<void>> forget_retried();
  Awaitable<Result<void>> read_items_of(const std::string& batch);
  Result<void> open_for_attach(const BatchAttachOptions& options, const wire::BatchView& batch);
  int finish();
  BatchState& state() { return directory_->state(); }

  Session& session_;
  client::Batches batches_;
  BlockingPool pool_{"files", 2};
  BatchRunOptions options_;
  std::vector<Input> inputs_;
  std::optional<ResultDirectory> directory_;
  std::set<std::string> tried_;  // inputs whose end this run has seen: not done again whatever it was
  ProgressView view_;
  Board board_;
  Patience patience_;
  std::optional<Submitter> submitter_;
  std::optional<Follower> follower_;
  std::optional<Scope> helpers_;
  SteadyTime start_;
  std::string final_state_;
  std::optional<std::int64_t> max_cost_pico_usd_;
};

}  // namespace flotte::cli
