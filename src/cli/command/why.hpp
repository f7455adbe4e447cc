// Why a task does not run, in the hub's words.
#pragma once
#include <string>

#include "client/fleet.hpp"

namespace flotte::cli {

/// The sentence and the hint of an answer of /tasks/{id}/why, on one line; empty where it says nothing. Pure.
std::string why_line(const json::object& why);
/// What a task waits for, in words: "the tasks that it comes after" of "dependency". Pure.
std::string describe_reason(std::string_view reason);
/// Asks; empty where it cannot be told.
Awaitable<std::string> find_why(client::Fleet& fleet, std::string task);

}  // namespace flotte::cli
