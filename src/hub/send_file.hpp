// A file as the body of an answer, read on the pool piece by piece.
#pragma once
#include <cstdint>
#include <string>

#include "base/async/pool.hpp"
#include "http/server.hpp"

namespace flotte::hub {

/// Sends the file's first `size` bytes and finishes the answer, whose head (with its Content-Length) was given to `start`. Where the file
/// turns out shorter the connection is ended, so that the client sees an incomplete answer.
Awaitable<void> send_file(http::ServerCall& call, BlockingPool& pool, std::string path, std::int64_t size);

}  // namespace flotte::hub
