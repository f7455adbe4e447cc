// What one simulation is like: everything is drawn from its seed, and printed when it fails.
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace flotte::sim {

struct Options {
  std::uint64_t seed = 1;
  int nodes = 2, tasks = 30, batch_items = 8;
  bool home = false;  // the hub has a node of its own, which lives and dies with it
  milliseconds lease{3000}, faults_until{60'000};
  milliseconds delay{20};         // of a message, at most
  milliseconds run_time{1500};    // of a run, at most; one in ten takes four times as long
  milliseconds sync_time{10};     // of the disk, at most
  milliseconds client_gap{1500};  // between two things that the client does, at most
  milliseconds answer_time{0};    // of the hub's database, at most: until what is committed is said
  // Once in so many milliseconds on average; 0 = never.
  int cut = 0, kill_node = 0, power_cut = 0, pause_node = 0, kill_hub = 0, lose_spool = 0, leave_node = 0;
  int suspend_node = 0;               // for up to twice the grace that the hub grants
  int fail_write = 0, fill_disk = 0;  // one transaction, or all for a while
  int fail_one_in = 10;               // runs that fail
  int cancel_one_in = 15;             // tasks that are cancelled at some time
  std::string text() const;
};

Options draw(std::uint64_t seed);

}  // namespace flotte::sim
