// Invitations and nodes' keys in the database.
#include "access/enrolment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "store/transaction.hpp"

namespace flotte::access {
namespace {

constexpr std::size_t most_labels = 32, longest_label = 63;

bool name_taken(store::Transaction& tx, std::string_view name) {
  return tx.one("SELECT 1 FROM node_key WHERE name = ? AND revoked_at_ms IS NULL", name).has_value();
}

Failure already_enrolled(std::string_view name) {
  return fail(Code::conflict, fmt::format("a node called '{}' is enrolled already", name),
              fmt::format("choose another name, or remove the old one: flotte node rm {}", name));
}

/// Machines come with names that many have: the second "laptop" becomes "laptop-2".
std::string free_name(store::Transaction& tx, std::string_view wanted) {
  std::string name(wanted);
  for (int i = 2; (name == "home" || name_taken(tx, name)) && i < 1000; ++i) name = fmt::format("{}-{}", wanted.substr(0, 58), i);
  return name;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  const auto list = json::parse(text);
  if (!list || !list->is_array()) return out;
  for (const json::value& word : list->get_array())
    if (word.is_string()) out.emplace_back(word.get_string());
  return out;
}

}  // namespace

Result<Invite> make_invite(store::Transaction& tx, const InviteWish& wish) {
  if (!wish.name.empty()) {
    if (auto good = check_node_name(wish.name); !good) return pass(good);
    if (name_taken(tx, wish.name)) return already_enrolled(wish.name);
  }
  if (auto good = check_labels(wish.labels); !good) return pass(good);
  Invite invite{random_token(16), tx.now() + invite_lifetime};
  tx.execute("DELETE FROM invite WHERE expires_at_ms < ?", to_ms(tx.now() - std::chrono::hours(24)));
  tx.execute("INSERT INTO invite (hash, name, labels, expires_at_ms) VALUES (?, ?, ?, ?)", sha256_hex(invite.code), wish.name,
             json::dump(json::array(wish.labels.begin(), wish.labels.end())), to_ms(invite.expires_at));
  return invite;
}

Result<Enrolled> enrol(store::Transaction& tx, std::string_view code, std::string_view name, std::string_view public_key) {
  if (public_key.size() != 32) return fail(Code::invalid_argument, "the public key must have 32 bytes (Ed25519)");
  const char* again = "make a new one on the hub: flotte node invite";
  const std::string hash = sha256_hex(code);
  const auto invite = tx.one("SELECT id, name, expires_at_ms, used_at_ms, labels FROM invite WHERE hash = ?", hash);
  if (!invite) return fail(Code::unauthenticated, "this hub does not know the code", again);
  if (!invite->is_null(3)) return fail(Code::unauthenticated, "the code has been used already; each is good for one machine", again);
  if (invite->integer(2) <= to_ms(tx.now())) return fail(Code::unauthenticated, "the code has expired; it is good for ten minutes", again);
  Enrolled out;
  out.labels = words_of(invite->text(4));
  const std::string given = invite->text(1);
  const auto same = tx.one("SELECT name FROM node_key WHERE public_key = ? AND revoked_at_ms IS NULL", to_hex(public_key));
  if (same) {
    out.name = same->text(0);
    if (!given.empty() && given != out.name) out.rename = given;
  } else {
    if (!given.empty() && name_taken(tx, given)) return already_enrolled(given);
    out.name = given.empty() ? free_name(tx, name) : given;
    if (auto good = check_node_name(out.name); !good) return pass(good);
    tx.execute(
        "INSERT INTO node_key (name, public_key, created_at_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "public_key = excluded.public_key, created_at_ms = excluded.created_at_ms, revoked_at_ms = NULL",
        out.name, to_hex(public_key), to_ms(tx.now()));
  }
  tx.execute("UPDATE invite SET used_at_ms = ? WHERE id = ?", to_ms(tx.now()), invite->integer(0));
  return out;
}

Result<KnownNode> find_node(store::Transaction& tx, std::string_view name, std::string_view public_key) {
  // One machine may have been removed and enrolled again under another name: the living row counts.
  const auto row =
      public_key.empty()
          ? tx.one("SELECT name, public_key, revoked_at_ms FROM node_key WHERE name = ?", name)
          : tx.one(
                "SELECT name, public_key, revoked_at_ms FROM node_key WHERE public_key = ? ORDER BY revoked_at_ms IS NOT NULL, "
                "created_at_ms DESC LIMIT 1",
                to_hex(public_key));
  if (!row) return fail(Code::not_found, fmt::format("this machine ('{}') is not enrolled here", name), "join it: flotte node invite");
  if (!row->is_null(2)) return fail(Code::forbidden, fmt::format("node '{}' was removed from this fleet", row->text(0)));
  const auto key = from_hex(row->text(1));
  if (!key)
    return fail(Code::corrupt, fmt::format("the stored key of node '{}' is damaged", row->text(0)), "remove the node and join it again");
  return KnownNode{row->text(0), *key};
}

Result<void> rename_node(store::Transaction& tx, std::string_view from, std::string_view to) {
  if (auto good = check_node_name(to); !good) return good;
  if (from == to) return {};
  if (name_taken(tx, to)) return already_enrolled(to);
  tx.execute("DELETE FROM node_key WHERE name = ?", to);  // a removed node's
  if (tx.execute("UPDATE node_key SET name = ? WHERE name = ? AND revoked_at_ms IS NULL", to, from) == 0)
    return fail(Code::not_found, fmt::format("no node '{}' is enrolled here", from), "see `flotte node ls`");
  return {};
}

Result<void> revoke_node(store::Transaction& tx, std::string_view name) {
  if (tx.execute("UPDATE node_key SET revoked_at_ms = ? WHERE name = ? AND revoked_at_ms IS NULL", to_ms(tx.now()), name) == 0)
    return fail(Code::not_found, fmt::format("no node '{}' is enrolled here", name), "see `flotte node ls`");
  return {};
}

std::string link_text(std::string_view nonce, std::string_view hub, std::string_view node) {
  return fmt::format("flotte-link-1\n{}\n{}\n{}", nonce, hub, node);
}

Result<void> check_labels(const std::vector<std::string>& labels) {
  const auto wrong = [](const std::string& label) {
    return label.empty() || label.size() > longest_label ||
           std::any_of(label.begin(), label.end(), [](unsigned char c) { return c <= ' ' || c == 127; });
  };
  if (labels.size() > most_labels) return fail(Code::invalid_argument, fmt::format("a node has at most {} labels", most_labels));
  if (std::any_of(labels.begin(), labels.end(), wrong))
    return fail(Code::invalid_argument, "a label is 1 to 63 characters without spaces", "as in --label gpu --label office=berlin");
  return {};
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
