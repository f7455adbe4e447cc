// Asks a provider whether it takes a key, by its list of models. Nothing else is sent, and no redirect is followed: it would carry the key
// to a place that nobody named.
#pragma once
#include <string>
#include <vector>

#include "base/async/pool.hpp"
#include "base/async/types.hpp"
#include "http/client.hpp"
#include "hub/provider_request.hpp"

namespace flotte::hub {

/// The models that the key can see. Ends within 20 s. Error: unprocessable with the vendor's status or what stood in the way; it holds
/// nothing of what the server said, which may repeat the key. `pool` reads the system's authorities; without
/// one that is done on the caller's loop.
Awaitable<Result<std::vector<std::string>>> check_key(http::Client& client, const ProviderRequest& request, BlockingPool* pool = nullptr);

/// Whether an error of `check_key` says that the key itself is not taken.
bool is_refused_key(const Error& error);

}  // namespace flotte::hub
