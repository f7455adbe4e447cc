// What a directory of results remembers between runs: .flotte-batch.json. Pure; the directory reads and writes it.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace flotte::cli {

/// What makes two runs "the same": paths as given, prompt, model.
struct BatchArguments {
  std::vector<std::string> paths;
  std::string prompt, model;
  bool operator==(const BatchArguments&) const = default;
};

/// An input as it stands in the order of results.jsonl.
struct RememberedInput {
  std::string name, id;
  std::string fingerprint;  // empty: refused
  std::string output;       // result path of a document; empty for a prompt
  bool in_batch = false;    // belongs to the batch that is under way, or was last, under its name
};

struct BatchState {
  std::string url, batch;  // the hub, and the id there; empty before the first
  std::string created_at;  // as the hub says: an id that a new hub gave again is another batch
  std::string create_key;  // idempotency key of that batch, so that a lost answer makes no second one
  bool sealed = false;     // everything was handed in
  bool finished = false;   // every item of that batch has its row
  std::string cursor;      // items that ended up to here have their rows
  BatchArguments arguments;
  std::string directory;  // the directory of the person when it was started, absolute: paths are relative to it
  std::vector<RememberedInput> inputs;
  std::map<std::string, std::string> succeeded;  // input -> fingerprint of the content that its row stands for

  std::string to_text() const;
  /// Error: corrupt, unsupported for a newer version's.
  static Result<BatchState> parse(std::string_view text);
};

}  // namespace flotte::cli
