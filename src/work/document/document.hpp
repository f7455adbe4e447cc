// Tasks of kind document: fetch, read, ask. A document longer than the model's context is asked in parts, whose answers are put together.
// Steps have stable names (answer, part-1, part-2-1 where a part had to be cut again, reduce-1-1), so that a later attempt gets recorded
// answers.
#pragma once
#include "work/blob_source.hpp"
#include "work/document/plan.hpp"
#include "work/document/reader.hpp"
#include "work/executor.hpp"
#include "work/model/client.hpp"
#include "work/prompt/bill.hpp"

namespace flotte::work {

class DocumentExecutor final : public TaskExecutor {
 public:
  DocumentExecutor(ModelClient& models, BlobSource& blobs, DocumentReader& reader) : models_(models), blobs_(blobs), reader_(reader) {}
  /// Result {text, parts?, replayed?, finish_reason?}.
  Awaitable<wire::Finished> run(RunContext& run) override;

 private:
  /// One document on its way through.
  struct Job {
    std::string name, prompt;
    Room room;
    Bill bill;
    int parts = 1;
    std::string finish_reason;
  };
  using Answers = std::expected<std::vector<std::string>, ModelFailure>;
  using Answer = std::expected<std::string, ModelFailure>;
  enum class Show { log, tail };  // where the answer is seen while it comes

  Awaitable<Answer> answer_whole(RunContext& run, Job& job, std::string text);
  Awaitable<Answers> answer_parts(RunContext& run, Job& job, std::string text);
  Awaitable<Answers> answer_part(RunContext& run, Job& job, std::string step, PartOf part, std::string text);
  Awaitable<Answer> put_together(RunContext& run, Job& job, std::vector<std::string> answers);
  Awaitable<Answers> reduce(RunContext& run, Job& job, std::string step, std::string answers, Show show);
  Awaitable<Answer> ask(RunContext& run, Job& job, std::string step, std::string question, Show show);

  ModelClient& models_;
  BlobSource& blobs_;
  DocumentReader& reader_;
};

}  // namespace flotte::work
