// A key and a way to trust the hub for other people's clients. The key may ask models and nothing else; it is made once per hub and kept in
// DATA/clients, mode 0600.
#pragma once
#include "cli/clients/variables.hpp"
#include "cli/session.hpp"

namespace flotte::cli {

/// Makes the key where there is none that the hub still knows. A caller who may not make keys uses their own. Errors: of the connection;
/// unauthenticated without a key; io.
Awaitable<Result<HubAccess>> open_access(Session& session);

/// Whether the hub answers on that path at all (with whatever status but 404). Errors: of the connection.
Awaitable<Result<bool>> is_served(Session& session, std::string path);

}  // namespace flotte::cli
