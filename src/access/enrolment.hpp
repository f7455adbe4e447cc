// How a machine becomes a node: a one-time code, a key that the machine made itself, and a signature at every link.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
/// Good once, for ten minutes. `name`: the node will be called so; empty: as the machine wants. `labels`: the node's, given by the hub.
/// Errors: invalid_argument; conflict where a node of that name is enrolled.
struct InviteWish {
  std::string name;
  std::vector<std::string> labels;
};
Result<Invite> make_invite(store::Transaction& tx, const InviteWish& wish);

/// Uses up the code and stores the node's public key (32 bytes, Ed25519). A machine that is enrolled already keeps its name; another one of
/// the wanted name gets a number behind it. Errors, each a sentence: unauthenticated (unknown, used or expired code), conflict (the
/// invitation's name was taken meanwhile), invalid_argument (name or key).
struct Enrolled {
  std::string name;
  std::vector<std::string> labels;  // of the invitation
  std::string rename;               // the invitation calls a machine that is enrolled already so; empty: nothing to do
};
Result<Enrolled> enrol(store::Transaction& tx, std::string_view code, std::string_view name, std::string_view public_key);

/// A node by its public key (its name may be another one by now), or by its name where it does not say its key. Errors: not_found (never
/// enrolled), forbidden (revoked).
struct KnownNode {
  std::string name, public_key;
};
Result<KnownNode> find_node(store::Transaction& tx, std::string_view name, std::string_view public_key);
/// Its key is refused from now on. Error: not_found.
Result<void> revoke_node(store::Transaction& tx, std::string_view name);
/// The key stays, the name changes. Errors: not_found, conflict, invalid_argument.
Result<void> rename_node(store::Transaction& tx, std::string_view from, std::string_view to);

/// What a node signs at each link: it proves that it has the key, to this hub, now.
std::string link_text(std::string_view nonce, std::string_view hub, std::string_view node);
/// Labels as they may be given to a node: up to 32 of 1 to 63 visible characters each. Error: invalid_argument.
Result<void> check_labels(const std::vector<std::string>& labels);
/// 1 to 63 letters, digits, '-', '_' or '.', first a letter or digit; "home" is the hub's own.
Result<void> check_node_name(std::string_view name);

}  // namespace flotte::access
