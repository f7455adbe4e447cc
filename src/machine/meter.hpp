// Measures what this machine has. Blocking: up to some seconds where programs have to be asked.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "wire/capacity.hpp"

namespace flotte::machine {

/// The standard output of a program that ended well within a few seconds; else nothing.
using Ask = std::function<std::optional<std::string>(const std::vector<std::string>& argv)>;
/// Runs the program, with an empty input and what it says on standard error dropped; killed after `patience`, and soon after `stop` is
/// true.
std::optional<std::string> ask_program(const std::vector<std::string>& argv, std::chrono::milliseconds patience = seconds(5),
                                       const std::atomic<bool>* stop = nullptr);

/// Where to look; a test brings its own.
struct Surroundings {
  std::string root;                                            // before /proc and /sys; empty: this machine's
  std::string data;                                            // the data directory, whose file system's space counts
  std::string home;                                            // of the user whose agents count
  std::string path;                                            // where programs are looked for, as PATH
  std::function<std::string(const std::string&)> environment;  // "" for a variable that is not set
  Ask ask;
  bool agents = true;                                                                    // whether to look for coding agents
  std::shared_ptr<std::atomic<bool>> stop = std::make_shared<std::atomic<bool>>(false);  // programs are not waited for any more
  /// This machine, this user.
  static Surroundings here(std::string data);
};

class Meter {
 public:
  explicit Meter(Surroundings where) : where_(std::move(where)) {}
  /// Programs (nvidia-smi, nmcli, the agents) are asked again only after some minutes, or where another file stands in their place.
  wire::Capacity measure(WallTime now);

 private:
  struct Version {
    std::int64_t changed_at = 0, bytes = 0;
    std::string text;
  };
  void ask_programs(WallTime now);
  std::string version_of(const std::string& path);

  Surroundings where_;
  std::optional<WallTime> asked_at_;
  std::vector<wire::Gpu> nvidia_;
  std::optional<bool> metered_;
  std::vector<wire::FoundAgent> agents_;
  std::map<std::string, Version> versions_;  // by path
};

/// Whether the hub should be told: anything that is not a matter of degree, or enough of what is.
bool differs(const wire::Capacity& before, const wire::Capacity& now);

/// What a model may need at most, in MiB; 0 where it cannot be told without asking programs (an NVIDIA card is there).
std::int64_t memory_for_models(const std::string& root = {});

/// Agents that are found are not workers yet; why, and what they are good for meanwhile.
std::vector<wire::Seen> describe_agents(const std::vector<wire::FoundAgent>& agents);

}  // namespace flotte::machine
