// Statuses that no dialect has a word for follow RFC 9110.
#include "dialect/error_status.hpp"

namespace flotte::dialect {

int status_of(Code code) noexcept {
  switch (code) {
    case Code::invalid_argument: return 400;
    case Code::unauthenticated: return 401;
    case Code::forbidden: return 403;
    case Code::not_found: return 404;
    case Code::conflict: return 409;
    case Code::too_large: return 413;
    case Code::unprocessable: return 422;
    case Code::exhausted: return 429;
    case Code::cancelled: return 499;
    case Code::unsupported: return 501;
    case Code::closed:
    case Code::corrupt: return 502;
    case Code::unavailable: return 503;
    case Code::deadline: return 504;
    case Code::io:
    case Code::internal: break;
  }
  return 500;
}

}  // namespace flotte::dialect
