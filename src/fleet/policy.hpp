// The fleet's times and limits, as arguments; the simulator and the tests choose their own.
#pragma once
#include <cstddef>

#include "base/clock.hpp"

namespace flotte::fleet {

struct Policy {
  milliseconds lease = seconds(30);                    // of a node; it beats at a third of it
  milliseconds suspend_grace = std::chrono::hours(1);  // a node that sleeps keeps its runs that long; 0: it gives them back
  milliseconds offer_timeout = seconds(10);            // not accepted by then: back to the queue, no attempt used
  milliseconds refusal_rest = seconds(1);              // a worker that refused or did not answer is left alone that long
  double backoff = 1;                                  // factor of the wait before a retry: random() * min(300, 2^attempt) s * backoff
  milliseconds aging = seconds(60);                    // waiting that long is worth one step of priority
  milliseconds ramp = seconds(1);         // what comes back after a refusal starts 1 task, then twice as many each time this has passed
  milliseconds line_look = seconds(1);    // a model whose provider has no place free is looked at again after that
  std::size_t hand_out = 256;             // offers made in one transaction at most
  std::size_t events = 1000;              // stored events of a task; older ones go
  std::size_t event_text = 16 * 1024;     // bytes of one stored output
  std::size_t inline_result = 64 * 1024;  // texts of a result above it become blobs
  milliseconds idempotency = std::chrono::hours(48);  // how long a key is remembered
};

}  // namespace flotte::fleet
