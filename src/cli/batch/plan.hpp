// What a run has to do, given what its directory remembers. Pure but for asking whether a result file is still there.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/batch/directory.hpp"
#include "cli/batch/input.hpp"

namespace flotte::cli {

struct WorkPlan {
  std::vector<RememberedInput> inputs;  // all, in order, with their result paths; `in_batch` where the batch under way has that very work
  std::vector<std::size_t> kept;        // succeeded before for the same content, prompt and model
  std::vector<std::size_t> refused;
  std::vector<std::size_t> under_way;  // items of the remembered batch that has not finished
  std::vector<std::size_t> todo;       // to be handed in
};

/// `inputs` are those of this run; `state` and `rows` what the directory remembers; `has_result` tells whether that file exists.
WorkPlan plan_work(const std::vector<Input>& inputs, const BatchState& state, const std::map<std::string, ResultRow>& rows,
                   const std::function<bool(const std::string&)>& has_result);

}  // namespace flotte::cli
