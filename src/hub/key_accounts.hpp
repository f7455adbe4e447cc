// Keys are access's, accounts are route's: what the one says of a key in the words of the other.
#pragma once
#include <map>
#include <optional>
#include <string>

#include <vector>

#include "access/key.hpp"
#include "base/json.hpp"
#include "route/accounts.hpp"

namespace flotte::hub {

std::vector<route::AccountBook::Entry> account_entries(const access::Keyring& ring);

/// A `Key` of api/openapi.yaml: as access tells it, with what is spent.
json::object key_json(const access::Key& key, const route::AccountBook& accounts, WallTime now);

/// providers, rpm, budget_day_usd and budget_month_usd of a KeySpec. Error: invalid_argument.
Result<access::KeyLimits> parse_key_limits(const json::object& body);

/// `weight` of a KeySpec or a change of a key, where it is there. Error: invalid_argument.
Result<std::optional<double>> parse_weight(const json::object& body);
/// What keys weigh against each other, by their names; 1 is not there.
std::map<std::string, double, std::less<>> owner_weights(const access::Keyring& ring);

}  // namespace flotte::hub
