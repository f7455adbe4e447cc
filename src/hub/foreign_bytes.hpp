// Bytes that a run or a client has put here, given back: whoever opens them in a browser gets a file, and no page in the cockpit's origin.
#pragma once
#include "http/message.hpp"

namespace flotte::hub {

inline void mark_as_foreign(http::Headers& headers) {
  headers.set("x-content-type-options", "nosniff");
  headers.set("content-security-policy", "sandbox; default-src 'none'");
  headers.set("content-disposition", "attachment");
}

}  // namespace flotte::hub
