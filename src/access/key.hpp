// Client keys: made once, shown once, stored as SHA-256. The functions on a Transaction belong into Store::write or read.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::store {
class Transaction;
}

namespace flotte::access {

/// What a key may do. `admin` includes everything.
struct Scopes {
  bool models = false, tasks = false, commands = false, admin = false;
  /// Error: invalid_argument that names the unknown word; an empty list is one too.
  static Result<Scopes> parse(const std::vector<std::string>& words);
  std::vector<std::string> words() const;
};

/// What a key may use; what is not there has no limit.
struct KeyLimits {
  std::int64_t requests_per_minute = 0;                          // 0: no limit
  std::optional<std::int64_t> day_pico_usd{}, month_pico_usd{};  // days and months of UTC
  std::shared_ptr<const std::vector<std::string>> providers{};   // and engines, by name or pattern, that its calls may go to; null: all
  double weight = 1;                                             // its share of the fleet against other keys' tasks
  bool any() const noexcept { return requests_per_minute > 0 || day_pico_usd || month_pico_usd; }
  bool operator==(const KeyLimits&) const = default;
};

struct Key {
  std::string id;  // "k1"
  std::string name;
  Scopes scopes;
  std::shared_ptr<const std::vector<std::string>> models;  // names and patterns that may be asked for; null: all
  KeyLimits limits;
  WallTime created_at;
  std::optional<WallTime> used_at, revoked_at;
  json::object to_json() const;
};

/// Makes a key; `secret` is the only time that its text is seen. Errors: invalid_argument, conflict where the name is taken.
struct NewKey {
  Key key;
  std::string secret;
};
Result<NewKey> make_key(store::Transaction& tx, std::string_view name, const Scopes& scopes, const std::vector<std::string>& models,
                        const KeyLimits& limits = {});
/// Stores a key whose text already exists (admin.key of an earlier database). The same text twice changes nothing.
Result<void> adopt_key(store::Transaction& tx, std::string_view name, const Scopes& scopes, std::string_view secret);
Result<std::vector<Key>> list_keys(store::Transaction& tx);
/// Its weight from now on. By id or name. Errors: not_found.
Result<Key> set_key_weight(store::Transaction& tx, std::string_view id_or_name, double weight);
/// It is refused from now on. By id or name. Errors: not_found; conflict for the last admin key.
Result<Key> revoke_key(store::Transaction& tx, std::string_view id_or_name);

/// All keys that are valid, as an immutable snapshot: each gateway loop holds one and looks up without a lock.
class Keyring {
 public:
  static Result<std::shared_ptr<const Keyring>> load(store::Transaction& tx);
  /// The key of that text, or null. Takes the same time for every wrong text of one length.
  const Key* find(std::string_view secret) const;
  const Key* find_by_id(std::string_view id) const;
  /// What calls of that owner's tasks may go to, by the key's name, also after it was revoked: work that it handed in goes on. Null: all.
  std::shared_ptr<const std::vector<std::string>> providers_of(std::string_view name) const;
  std::vector<const Key*> all() const;
  /// Who pays for calls: all valid keys, and of each name without one the newest that was revoked, for the work that it handed in.
  std::vector<const Key*> payers() const;

 private:
  std::unordered_map<std::string, Key> by_hash_;
  std::unordered_map<std::string, const Key*> by_id_;
  std::unordered_map<std::string, Key> gone_;                                                   // by name, where no valid key has it
  std::unordered_map<std::string, std::shared_ptr<const std::vector<std::string>>> providers_;  // of bound keys, by name
};

/// True for a text that looks like one of flotte's own keys: such a key is refused as a provider's.
bool is_own_key(std::string_view text) noexcept;

}  // namespace flotte::access
