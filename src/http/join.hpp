// Joins two streams so that they are one: raw bytes both ways, plain or TLS on either side.
#pragma once
#include <chrono>
#include <cstdint>

#include "base/async/types.hpp"
#include "http/stream.hpp"

namespace flotte::http {

struct JoinCounts {
  std::uint64_t forward = 0;   // bytes from a to b
  std::uint64_t backward = 0;  // bytes from b to a
};

/// Copies both ways until both directions have ended; both streams are closed then. The end of one side's sending is passed on to the other
/// side (half-close), which may still send for `half_open`. An error on either side ends both. Each read is written before the next one is
/// made, so a slow reader slows its writer, and memory is bounded: 16 KB each way. Both streams live on the caller's loop, and nothing of
/// either may be under way. Cancelling the awaiting coroutine ends it too.
Awaitable<JoinCounts> join(Stream& a, Stream& b, std::chrono::milliseconds half_open = std::chrono::minutes(10));

}  // namespace flotte::http
