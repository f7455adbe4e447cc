// Old work and new.
#include "cli/batch/plan.hpp"

#include "cli/batch/result_path.hpp"

namespace flotte::cli {
namespace {

class Planner {
 public:
  Planner(const BatchState& state, const std::map<std::string, ResultRow>& rows, const std::function<bool(const std::string&)>& has_result)
      : state_(state), rows_(rows), has_result_(has_result) {
    for (const RememberedInput& old : state.inputs) old_[old.name] = &old;
  }

  WorkPlan run(const std::vector<Input>& inputs) {
    // Paths that are in use stay with their documents, whatever was added before them in the order.
    for (const Input& input : inputs)
      if (const RememberedInput* old = find(input); old && !old->output.empty()) paths_.reserve(old->output);
    for (const Input& input : inputs) take(input);
    return std::move(plan_);
  }

 private:
  const RememberedInput* find(const Input& input) const {
    const auto it = old_.find(input.name);
    return it == old_.end() || !input.is_document() ? nullptr : it->second;
  }

  void take(const Input& input) {
    const std::size_t at = plan_.inputs.size();
    RememberedInput now{input.name, input.id, input.fingerprint, "", false};
    const RememberedInput* old = find(input);
    if (input.is_document()) now.output = old && !old->output.empty() ? old->output : paths_.take(input.relative);
    if (input.refused) {
      plan_.refused.push_back(at);
    } else if (has_succeeded(input, now.output)) {
      plan_.kept.push_back(at);
    } else if (is_under_way(input)) {
      now.in_batch = true;
      plan_.under_way.push_back(at);
    } else {
      plan_.todo.push_back(at);
    }
    plan_.inputs.push_back(std::move(now));
  }

  bool has_succeeded(const Input& input, const std::string& output) const {
    const auto done = state_.succeeded.find(input.name);
    if (done == state_.succeeded.end() || done->second != input.fingerprint) return false;
    const auto row = rows_.find(input.name);
    if (row == rows_.end() || !row->second.succeeded()) return false;
    return !input.is_document() || has_result_(output);
  }

  bool is_under_way(const Input& input) const {
    if (state_.batch.empty() || state_.finished) return false;
    const auto it = old_.find(input.name);
    return it != old_.end() && it->second->in_batch && it->second->fingerprint == input.fingerprint;
  }

  const BatchState& state_;
  const std::map<std::string, ResultRow>& rows_;
  const std::function<bool(const std::string&)>& has_result_;
  std::map<std::string, const RememberedInput*> old_;
  ResultPaths paths_;
  WorkPlan plan_;
};

}  // namespace

WorkPlan plan_work(const std::vector<Input>& inputs, const BatchState& state, const std::map<std::string, ResultRow>& rows,
                   const std::function<bool(const std::string&)>& has_result) {
  return Planner(state, rows, has_result).run(inputs);
}

}  // namespace flotte::cli
