// Invitations and nodes' keys in the database.
#include "access/enrolment.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "store/transaction.hpp"

namespace flotte::access {

Result<Invite> make_invite(store::Transaction& tx, std::string_view name) {
  if (!name.empty())
    if (auto good = check_node_name(name); !good) return pass(good);
  Invite invite{random_token(16), tx.now() + invite_lifetime};
  tx.execute("DELETE FROM invite WHERE expires_at_ms < ?", to_ms(tx.now() - std::chrono::hours(24)));
  tx.execute("INSERT INTO invite (hash, name, expires_at_ms) VALUES (?, ?, ?)", sha256_hex(invite.code), name, to_ms(invite.expires_at));
  return invite;
}

Result<void> enrol(store::Transaction& tx, std::string_view code, std::string_view name, std::string_view public_key) {
  if (auto good = check_node_name(name); !good) return good;
  if (public_key.size() != 32) return fail(Code::invalid_argument, "the public key must have 32 bytes (Ed25519)");
  const char* again = "make a new one on the hub: flotte node invite";
  const std::string hash = sha256_hex(code);
  const auto invite = tx.one("SELECT id, name, expires_at_ms, used_at_ms FROM invite WHERE hash = ?", hash);
  if (!invite) return fail(Code::unauthenticated, "this hub does not know the code", again);
  if (!invite->is_null(3)) return fail(Code::unauthenticated, "the code has been used already; each is good for one machine", again);
  if (invite->integer(2) <= to_ms(tx.now())) return fail(Code::unauthenticated, "the code has expired; it is good for ten minutes", again);
  if (!invite->text(1).empty() && invite->text(1) != name)
    return fail(Code::forbidden, fmt::format("the code is for a node called '{}'", invite->text(1)));
  const auto known = tx.one("SELECT revoked_at_ms IS NOT NULL FROM node_key WHERE name = ?", name);
  if (known && known->integer(0) == 0)
    return fail(Code::conflict, fmt::format("a node called '{}' is enrolled already", name),
                fmt::format("give this one another name ([node] name = ...), or remove the old one: flotte node rm {}", name));
  tx.execute("UPDATE invite SET used_at_ms = ? WHERE id = ?", to_ms(tx.now()), invite->integer(0));
  tx.execute(
      "INSERT INTO node_key (name, public_key, created_at_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
      "public_key = excluded.public_key, created_at_ms = excluded.created_at_ms, revoked_at_ms = NULL",
      name, to_hex(public_key), to_ms(tx.now()));
  return {};
}

Result<std::string> node_public_key(store::Transaction& tx, std::string_view name) {
  const auto row = tx.one("SELECT public_key, revoked_at_ms FROM node_key WHERE name = ?", name);
  if (!row) return fail(Code::not_found, fmt::format("no node '{}' is enrolled here", name), "join it: flotte node invite");
  if (!row->is_null(1)) return fail(Code::forbidden, fmt::format("node '{}' was removed from this fleet", name));
  const auto key = from_hex(row->text(0));
  if (!key) return fail(Code::corrupt, fmt::format("the stored key of node '{}' is damaged", name), "remove the node and join it again");
  return *key;
}

Result<void> revoke_node(store::Transaction& tx, std::string_view name) {
  if (tx.execute("UPDATE node_key SET revoked_at_ms = ? WHERE name = ? AND revoked_at_ms IS NULL", to_ms(tx.now()), name) == 0)
    return fail(Code::not_found, fmt::format("no node '{}' is enrolled here", name), "see `flotte node ls`");
  return {};
}

std::string link_text(std::string_view nonce, std::string_view hub, std::string_view node) {
  return fmt::format("flotte-link-1\n{}\n{}\n{}", nonce, hub, node);
}

Result<void> check_node_name(std::string_view name) {
  const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  bool good = !name.empty() && name.size() <= 63 && word(name.front());
  for (const char c : name) good = good && (word(c) || c == '-' || c == '_' || c == '.');
  if (!good)
    return fail(Code::invalid_argument, fmt::format("'{}' is no name for a node", name),
                "1 to 63 letters, digits, '-', '_' or '.', the first a letter or digit");
  if (name == "home") return fail(Code::invalid_argument, "'home' is the hub's own node", "choose another name");
  return {};
}

}  // namespace flotte::access
