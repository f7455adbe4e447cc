// A recorded call as the fleet API shows it: `RequestLine` and `Request` of api/openapi.yaml.
#pragma once
#include <span>
#include <string>

#include "base/json.hpp"
#include "route/recorder.hpp"

namespace flotte::route {

json::object to_json(const TraceLine& line);
/// `secrets` are taken out wherever they stand, and everything that looks like a key.
json::object to_json(const Trace& trace, Recording recording, std::span<const std::string> secrets);
/// Whether the client's request can be sent again: it was kept wholly.
bool can_be_replayed(const Trace& trace) noexcept;

}  // namespace flotte::route
