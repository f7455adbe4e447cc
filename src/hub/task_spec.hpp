// What a client may submit: the specification checked, its model resolved, its scopes enough.
#pragma once
#include <string_view>

#include "fleet/tasks.hpp"
#include "hub/router.hpp"
#include "wire/task.hpp"

namespace flotte::hub {

/// Errors: invalid_argument that names the field; forbidden where the key lacks `commands`; unavailable where `default` is nothing yet.
Awaitable<Result<wire::TaskSpec>> admit_spec(Request& request, json::object object);
/// 1 to 128 visible characters.
Result<fleet::Idempotency> idempotency_of(std::string_view key, std::string_view body);

}  // namespace flotte::hub
