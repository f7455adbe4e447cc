// From an error to the exit status and the words of the contract. Pure but for `report`.
#pragma once
#include <string>

#include "base/error.hpp"

namespace flotte::cli {

namespace status {
inline constexpr int done = 0, failed = 1, usage = 2, no_hub = 3, not_allowed = 4, interrupted = 130;
}

/// Whether the last request got an answer: without one, an error means that no hub was reached.
enum class Hub { answered, silent };
int exit_status(const Error& error, Hub hub) noexcept;

enum class Output { text, json };
/// One line for standard error: `flotte: message (hint)`, or `{"error":{"code","message","hint"}}`.
std::string format_failure(const Error& error, Output output);
/// Writes it to standard error.
void report(const Error& error, Output output);

}  // namespace flotte::cli
