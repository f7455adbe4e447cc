// The board's embedded files over HTTP. No key is needed for them.
#pragma once
#include <string_view>

#include "base/async/types.hpp"
#include "http/server.hpp"

namespace flotte::hub {

/// True for a file of the board and for every view's address.
bool has_static_file(std::string_view path);
/// Answers with it; call only where `has_static_file`.
Awaitable<void> respond_static_file(http::ServerCall& call);

}  // namespace flotte::hub
