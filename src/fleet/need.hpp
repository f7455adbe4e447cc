// What a task needs of a worker, and whether a worker has it. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "wire/fleet.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

struct Need {
  wire::TaskKind kind = wire::TaskKind::prompt;
  std::string model, node, worker;  // empty: any
  std::vector<std::string> labels;  // sorted, each once
  bool exclusive = false;           // nothing else runs on its node meanwhile
  bool operator==(const Need&) const = default;
};

/// `worker` may be written "reader@box".
Need need_of(const wire::TaskSpec& spec);

/// A worker with all that matching looks at. A model "openai/*" stands for every model of that provider, and
/// a need for "llama@box/qwen" fits who works with "qwen".
struct Place {
  std::string node, worker, kind, model;
  std::vector<std::string> labels;  // its own and its node's
};

/// A label that a task asks for: a word that is there; "!word" that is not; "memory>=16G", "vram>=8G" or "cores>=8".
bool has_label(const std::vector<std::string>& labels, std::string_view wanted);

enum class Mismatch { none, kind, worker, node, model, label };
/// The first thing that does not fit, in the order in which a person would ask.
Mismatch compare(const Need& need, const Place& place);

/// The sub-queue's key: tasks with the same one share a place in the fair order.
/// `concurrency`: the number of its key, 0 for none; a limited key has flows of its own.
std::string flow_key(std::string_view owner, std::string_view project, const Need& need, std::int64_t batch, std::int64_t concurrency = 0);

/// A title made from the input where none was given, at most 80 bytes of whole characters.
std::string title_of(const wire::TaskSpec& spec);

}  // namespace flotte::fleet
