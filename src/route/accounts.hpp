// The accounts of all keys: made when a key is first seen, kept while the program runs, handed to the loops as an immutable snapshot.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "route/account.hpp"
#include "route/spending.hpp"

namespace flotte::route {

/// Those of the keys that are valid now. Read by every loop without a lock.
class Accounts {
 public:
  /// Null where there is none.
  std::shared_ptr<Account> of_key(std::string_view key_id) const { return find(by_id_, key_id); }
  /// By the name that tasks know their owner by.
  std::shared_ptr<Account> of_owner(std::string_view name) const { return find(by_name_, name); }

 private:
  friend class AccountBook;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };
  using Map = std::unordered_map<std::string, std::shared_ptr<Account>, Hash, std::equal_to<>>;
  static std::shared_ptr<Account> find(const Map& map, std::string_view name) {
    const auto it = map.find(name);
    return it == map.end() ? nullptr : it->second;
  }
  Map by_id_, by_name_;
};

/// Any thread.
class AccountBook {
 public:
  struct Entry {
    std::string key_id, name;
    Allowance allowance;
  };
  /// The snapshot of these keys. An account that was there before stays the same one.
  std::shared_ptr<const Accounts> use(const std::vector<Entry>& entries);
  /// What was spent before this program began. Once, before calls are made.
  void remember(const std::vector<Spending>& spending, WallTime now);
  /// Of a key, whether it is valid still or not; null where it was never seen.
  std::shared_ptr<Account> find(const std::string& key_id) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Account>> all_;
};

}  // namespace flotte::route
