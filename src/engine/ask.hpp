// One question to an engine: GET, answered by JSON.
#pragma once
#include <memory>
#include <string>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "http/client.hpp"

namespace flotte::engine {

/// Errors: those of http::Client::send; unavailable for a status that is not 200, with the status; corrupt where it is no JSON object.
Awaitable<Result<json::object>> ask(http::Client& client, std::shared_ptr<http::Connector> to, std::string target,
                                    std::chrono::milliseconds patience, http::CancelHandle* cancel);
/// The same at an address ("http://127.0.0.1:8080"), all in all within `patience`; no connection is kept.
Awaitable<Result<json::object>> ask_url(http::Client& client, std::string url, std::string target, std::chrono::milliseconds patience);
/// Whether it is at an answer right now, as a llama-server tells by /slots; false where nobody can tell.
Awaitable<bool> ask_busy(http::Client& client, std::shared_ptr<http::Connector> to);

}  // namespace flotte::engine
