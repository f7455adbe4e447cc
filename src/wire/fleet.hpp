// Nodes, engines, workers and what each is doing right now: what nodes announce, and what the board shows.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "wire/capacity.hpp"

namespace flotte::wire {

/// An inference server that a node looks after (or uses as it is).
struct EngineInfo {
  std::string name, kind;           // llama-server | ollama | openai
  std::string state = "starting";   // starting | ready | failed | stopped; away: its node is
  std::vector<std::string> models;  // what it can answer with; a GGUF's stem
  int slots = 1;                    // answers at the same time
  std::int64_t context_tokens = 0;  // per slot; 0 = unknown
  bool demonstration = false;       // the model made of text, no intelligence: said wherever a person meets it
  std::string message;              // why it failed, with the last lines of its log
  json::object to_json() const;
  static EngineInfo from_json(const json::object& o);
};

/// A worker as its node announces it.
struct WorkerInfo {
  std::string name, kind;  // model | agent | command
  std::string model;       // of a model worker
  int slots = 1;
  std::vector<std::string> labels;
  bool exclusive = false;
  json::object to_json() const;
  static WorkerInfo from_json(const json::object& o);
};

/// What one slot of a worker does; live only, never stored.
struct Activity {
  std::string task, title;  // "t42", its title
  std::int64_t fence = 0;
  std::string step;    // "reading", "part 3 of 7", "putting the parts together", "running"
  std::string target;  // which engine or provider answers, when known
  std::string tail;    // the end of what it wrote, at most 240 bytes of whole characters
  std::int64_t output_tokens = 0;
  double progress = -1;       // 0..1, or -1 where it cannot be told
  std::int64_t since_ms = 0;  // wall time when the run began
  json::object to_json() const;
  static Activity from_json(const json::object& o);
};

/// Facts about a machine, said in hello and again with an announcement where they have changed.
struct HostInfo {
  std::string hostname, os, arch, version;  // flotte's version
  int cpus = 0;
  std::int64_t memory_mb = 0;
  std::vector<std::string> labels;         // of its own file
  Capacity capacity;                       // what was measured last
  std::vector<Seen> seen;                  // found there and not usable
  bool wake = false;                       // its file allows to wake it by network
  std::vector<std::string> features = {};  // what its version understands, see wire/features.hpp; none: what protocol 1 did
  /// Those of its file and those that follow from what it has.
  std::vector<std::string> all_labels() const;
  json::object to_json() const;
  static HostInfo from_json(const json::object& o);
};

/// A machine that sleeps is being called.
struct Waking {
  WallTime since{}, last{};
  int packets = 0;
  std::string by, why;  // nodes that sent the packets; why none could be sent, empty where one was
  json::object to_json() const;
};

struct NodeView {
  std::string id, name, state;  // linked | lost | suspended | draining | revoked
  std::int64_t epoch = 0;
  bool home = false;
  HostInfo host;
  double load = 0;  // 1-minute load average
  std::optional<WallTime> seen_at;
  std::vector<EngineInfo> engines;
  std::vector<std::string> labels;  // given by the hub; those of its own file are in `host`. Both count
  std::optional<Waking> waking;
  std::optional<WallTime> suspended_until = {};  // until then its runs are its own
  json::object to_json() const;
};

struct WorkerView {
  std::string id;  // "name@node"
  std::string node;
  WorkerInfo info;
  std::string state;            // idle | busy | paused | away | refused: the node cannot do what the hub's definition says
  std::string origin = "node";  // node: its file, or made there by itself; hub: defined at the hub
  std::string message;          // why it is refused or not there yet, may be empty
  std::vector<Activity> activities;
  std::int64_t done = 0, failed = 0;  // since the hub started
  json::object to_json() const;
};

}  // namespace flotte::wire
