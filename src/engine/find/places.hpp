// Where inference servers usually listen on this machine. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::engine {

inline constexpr std::string_view usual_llama_server = "http://127.0.0.1:8080";

/// What OLLAMA_HOST means to Ollama's own client: "host", "host:port", ":port" or a URL; empty: http://127.0.0.1:11434. An address that
/// only says "every address of this machine" becomes loopback. Errors: invalid_argument; unsupported for one with a path, which is some
/// gateway's (this hub's own among them) and no Ollama.
Result<std::string> ollama_url(std::string_view ollama_host);

/// Whether the URL leads to loopback at that port: to this hub itself.
bool is_loopback_port(std::string_view url, unsigned port);

}  // namespace flotte::engine
