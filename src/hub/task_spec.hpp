// What a client may submit: the specification checked, its model resolved, its scopes enough.
#pragma once
#include <string_view>

#include "fleet/tasks.hpp"
#include "hub/router.hpp"
#include "route/table.hpp"
#include "wire/task.hpp"

namespace flotte::hub {

/// Errors: invalid_argument that names the field; forbidden where the key lacks `commands`; unavailable where `default` is nothing yet;
/// unprocessable where it has a budget and nobody knows what its model costs.
Awaitable<Result<wire::TaskSpec>> admit_spec(Request& request, json::object object);
/// Whether it is known beforehand what its model costs. Commands and agents ask for models as they like.
bool is_priced(const route::Table* table, const wire::TaskSpec& spec);
/// 1 to 128 visible characters.
Result<fleet::Idempotency> idempotency_of(std::string_view key, std::string_view body);

}  // namespace flotte::hub
