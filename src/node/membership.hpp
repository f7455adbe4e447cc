// Which hub this machine belongs to, and the key that proves it: DATA/node/identity.key and DATA/node/node.json.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "http/client.hpp"

namespace flotte::node {

/// What --join says: URL#CODE, where a hub with TLS appends its pin to the code: URL#CODE.PIN (base64url of the key's SHA-256).
struct Invitation {
  std::string url, code;
  std::string pin;  // base64, as http::TlsContext::pinned takes it; empty: none
  static Result<Invitation> parse(std::string_view text);
};

struct Membership {
  std::string hub_url, hub_name, node_id, node_name;
  std::string pin;  // as above
  /// Nothing where this machine is no node yet. Errors: io, corrupt.
  static Result<std::optional<Membership>> load(const std::string& directory);
  Result<void> save(const std::string& directory) const;
};

/// The machine's key; made at first need.
Result<SigningKey> load_identity(const std::string& directory);

/// The way to a hub: connections, and what stands before /fleet in its paths.
struct HubAddress {
  std::shared_ptr<http::Connector> connector;
  std::string base_path;
  std::string url;
  static Result<HubAddress> make(const std::string& url, const std::string& pin);
};

/// Uses up the code. Errors: those of the hub (unauthenticated, conflict, invalid_argument), forbidden where whoever answers does not hold
/// the key that the invitation names (nothing was said to it), unavailable where nobody is reached.
Awaitable<Result<Membership>> enrol(http::Client& client, Invitation invitation, std::string name, std::string public_key);

}  // namespace flotte::node
