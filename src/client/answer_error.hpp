// What an answer that is no success means: status and body of a hub's (or dialect's) error as an Error. Pure.
#pragma once
#include <string_view>

#include "base/error.hpp"

namespace flotte::client {

/// Reads `{"error":{"code","message","hint"}}`, the OpenAI shape, and anything else (a proxy's page) by its status alone.
/// The code is the body's where it is one of ours, else by status; 502, 503 and 504 are `unavailable`.
Error parse_answer_error(int status, std::string_view body);

/// True where the same request may work a little later without anybody doing anything: nobody there, connection lost, too busy.
bool is_passing(const Error& error) noexcept;

}  // namespace flotte::client
