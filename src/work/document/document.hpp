// Tasks of kind document: fetch, read, ask. A document longer than the model's context is asked in parts, whose answers are put together.
// Steps have stable names (answer, part-1, part-2-1 where a part had to be cut again, reduce-1-1), so that a later attempt gets recorded
// answers. How large the parts are is a step of its own, "parts": an attempt that knew another context would cut elsewhere, and buy every
// part again.
#pragma once
#include "work/blob_source.hpp"
#include "work/document/plan.hpp"
#include "work/document/reader.hpp"
#include "work/executor.hpp"
#include "work/model/client.hpp"
#include "work/prompt/bill.hpp"
#include "work/step/hub_steps.hpp"

namespace flotte::work {

class DocumentExecutor final : public TaskExecutor {
 public:
  /// `steps` may be null: then every attempt cuts by what it knows itself.
  DocumentExecutor(ModelClient& models, BlobSource& blobs, DocumentReader& reader, std::shared_ptr<Steps> steps = nullptr)
      : models_(models), blobs_(blobs), reader_(reader), steps_(std::move(steps)) {}
  /// Result {text, parts?, replayed?, finish_reason?}.
  Awaitable<wire::Finished> run(RunContext& run) override;

 private:
  /// One document on its way through.
  struct Job {
    std::string name, prompt;
    Room room;
    Bill bill;
    int parts = 1;
    bool cut_before = false;  // by an earlier attempt, with that room
    std::string finish_reason;
  };
  using Answers = std::expected<std::vector<std::string>, ModelFailure>;
  using Answer = std::expected<std::string, ModelFailure>;
  enum class Show { log, tail };  // where the answer is seen while it comes

  Awaitable<void> find_cut(RunContext& run, Job& job);
  Awaitable<void> keep_cut(RunContext& run, Job& job);
  Awaitable<Answer> answer_whole(RunContext& run, Job& job, std::string text);
  Awaitable<Answers> answer_parts(RunContext& run, Job& job, std::string text);
  Awaitable<Answers> answer_part(RunContext& run, Job& job, std::string step, PartOf part, std::string text);
  Awaitable<Answer> put_together(RunContext& run, Job& job, std::vector<std::string> answers);
  Awaitable<Answers> reduce(RunContext& run, Job& job, std::string step, std::string answers, Show show);
  Awaitable<Answer> ask(RunContext& run, Job& job, std::string step, std::string question, Show show);

  ModelClient& models_;
  BlobSource& blobs_;
  DocumentReader& reader_;
  std::shared_ptr<Steps> steps_;
};

}  // namespace flotte::work
