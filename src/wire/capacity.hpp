// What a machine has, measured on it, and what was seen there that cannot do a task. Sizes in MiB; 0 or empty: not known.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace flotte::wire {

struct Gpu {
  std::string name, maker;  // "NVIDIA GeForce RTX 3060", "nvidia" | "amd"
  std::int64_t memory_mb = 0, memory_free_mb = 0;
  bool operator==(const Gpu&) const = default;
  json::object to_json() const;
  static Gpu from_json(const json::object& o);
};

/// A coding agent that is installed.
struct FoundAgent {
  std::string program, title, path, version;  // "claude", "Claude Code", "/usr/bin/claude", "2.1.0"
  std::optional<bool> logged_in;              // whether somebody is, as far as the presence of its files tells; no secret is read
  bool operator==(const FoundAgent&) const = default;
  json::object to_json() const;
  static FoundAgent from_json(const json::object& o);
};

/// A network card of the machine's own (no bridge, no tunnel).
struct NetworkCard {
  std::string name, mac, subnet;  // "enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24"; no subnet: no address now
  bool wired = false;
  bool operator==(const NetworkCard&) const = default;
  json::object to_json() const;
  static NetworkCard from_json(const json::object& o);
};

struct Capacity {
  std::int64_t measured_at_ms = 0;  // wall time; 0: nothing was measured (a node of an older version)
  int cores = 0;
  std::int64_t memory_mb = 0, memory_available_mb = 0;
  std::int64_t disk_mb = 0, disk_free_mb = 0;  // of the file system with the data directory
  std::vector<Gpu> gpus;
  std::string power;            // mains | battery
  int battery_percent = -1;     // -1: it has none
  std::optional<bool> metered;  // whether traffic is paid by the byte
  std::vector<FoundAgent> agents;
  std::vector<NetworkCard> networks;
  bool operator==(const Capacity&) const = default;

  /// Labels that a task may ask for without anybody giving them: gpu, battery or mains, metered, agent:NAME.
  std::vector<std::string> labels() const;
  /// "memory=32000", "vram=12288" (MiB), "cores=8": what a label such as "memory>=16G" is compared with.
  std::vector<std::string> sizes() const;
  /// Of the greatest GPU.
  std::int64_t vram_mb() const;
  json::object to_json() const;
  static Capacity from_json(const json::object& o);
};

/// Something that was found and cannot do a task.
struct Seen {
  std::string kind;   // agent | model | engine | server | key | worker
  std::string name;   // "claude", "big.gguf", "OPENAI_API_KEY"
  std::string where;  // a path or an address, may be empty
  std::string why;    // it is not usable, because ...
  std::string hint;   // what to do, may be empty
  bool operator==(const Seen&) const = default;
  json::object to_json() const;
  static Seen from_json(const json::object& o);
};

}  // namespace flotte::wire
