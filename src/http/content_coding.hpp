// Undoes the Content-Encoding of a request's body: agents send theirs compressed (Codex: zstd). Bounded, so that a small body cannot become
// all of memory.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::http {

/// `codings` as the header has them, the last one undone first: gzip (x-gzip), deflate (with or without zlib's head), zstd, identity. The
/// result is never longer than `limit`. Errors: unsupported (another coding, or more than three of them), invalid_argument (the bytes are
/// not of that coding, or cut off), too_large. Not on an event loop's hot path: 1 MB takes about 2 ms.
Result<std::string> decode_content(std::string_view codings, std::string body, std::size_t limit);

}  // namespace flotte::http
