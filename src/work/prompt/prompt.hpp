// Tasks of kind prompt: one question, one streamed answer.
#pragma once
#include "work/executor.hpp"
#include "work/model/client.hpp"

namespace flotte::work {

class PromptExecutor final : public TaskExecutor {
 public:
  explicit PromptExecutor(ModelClient& models) : models_(models) {}
  /// Result {text, finish_reason?, replayed?}. Fails for good where the model answers without text.
  Awaitable<wire::Finished> run(RunContext& run) override;

 private:
  ModelClient& models_;
};

/// "the model answered without text": asking again would bring the recorded answer again.
wire::Finished failed_without_text(const ModelAnswer& answer);

}  // namespace flotte::work
