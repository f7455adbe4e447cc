// One input of a batch: a document or a prompt that becomes a task, or something that cannot and says why.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/batch/collect.hpp"
#include "wire/task.hpp"

namespace flotte::cli {

/// Who does the work, as the options say.
struct Placement {
  std::string worker, node, project;
  std::vector<std::string> labels;
  bool exclusive = false;
};

/// `model` where it was given; else the model of the worker that was named (empty: the hub knows it), else `default`.
std::string choose_model(const std::string& model, const Placement& placement);

struct Input {
  std::string name;         // `input` of its row: a path, or `path:line`
  std::string id;           // of a prompt, may be empty
  std::string fingerprint;  // same content, prompt, system and model: the same work. Empty where it was refused
  std::string relative;     // of a document: where below its argument
  std::string path, blob;   // of a document: where its bytes are, and their SHA-256
  std::string prompt, system, model;
  std::optional<Error> refused;

  bool is_document() const { return !blob.empty(); }
};

struct BatchQuestion {
  std::string prompt;  // for documents; put before the prompts of .jsonl files
  std::string model;
};

/// Reads and hashes the files (blocking) and turns them into inputs, in their order; a .jsonl file becomes one per line. Where documents
/// are there and `question.prompt` is empty: invalid_argument.
Result<std::vector<Input>> prepare_inputs(const std::vector<FoundFile>& files, const BatchQuestion& question);

/// The task that does it. `input` was not refused.
wire::TaskSpec make_spec(const Input& input, const Placement& placement);

}  // namespace flotte::cli
