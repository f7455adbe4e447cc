// How a machine becomes a node: a one-time code, a key that the machine made itself, and a signature at every link.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace flotte::store {
class Transaction;
}

namespace flotte::access {

inline constexpr std::chrono::minutes invite_lifetime{10};

struct Invite {
  std::string code;  // shown once; stored as SHA-256
  WallTime expires_at;
};
/// Good once, for ten minutes. `name`: only for a node of that name; empty: any.
Result<Invite> make_invite(store::Transaction& tx, std::string_view name);

/// Uses up the code and stores the node's public key (32 bytes, Ed25519). Errors, each a sentence: unauthenticated (unknown, used or
/// expired code), conflict (a node of that name is enrolled), invalid_argument (name or key).
Result<void> enrol(store::Transaction& tx, std::string_view code, std::string_view name, std::string_view public_key);

/// The node's public key. Errors: not_found (never enrolled), forbidden (revoked).
Result<std::string> node_public_key(store::Transaction& tx, std::string_view name);
/// Its key is refused from now on. Error: not_found.
Result<void> revoke_node(store::Transaction& tx, std::string_view name);

/// What a node signs at each link: it proves that it has the key, to this hub, now.
std::string link_text(std::string_view nonce, std::string_view hub, std::string_view node);
/// 1 to 63 letters, digits, '-', '_' or '.', first a letter or digit; "home" is the hub's own.
Result<void> check_node_name(std::string_view name);

}  // namespace flotte::access
