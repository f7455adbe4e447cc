// Client keys in the database and in memory.
#include "access/key.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/money.hpp"
#include "store/transaction.hpp"

namespace flotte::access {
namespace {

constexpr std::string_view prefix = "fk_";
constexpr std::size_t name_limit = 64;

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : ",") + w;
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    out.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return out;
}

std::string names_text(const std::vector<std::string>& models) {
  json::array list;
  for (const auto& m : models) list.emplace_back(m);
  return json::dump(list);
}

std::shared_ptr<const std::vector<std::string>> parse_names(std::string_view text) {
  auto value = json::parse(text);
  if (!value || !value->is_array() || value->get_array().empty()) return nullptr;
  auto out = std::make_shared<std::vector<std::string>>();
  for (const auto& m : value->get_array())
    if (m.is_string()) out->emplace_back(m.get_string().data(), m.get_string().size());
  return out;
}

constexpr std::string_view columns =
    "SELECT id, name, scopes, models, created_at_ms, used_at_ms, revoked_at_ms, hash, requests_per_minute, day_pico_usd, month_pico_usd, "
    "providers, weight FROM client_key";

Key key_of(const store::Row& row) {
  Key key;
  key.id = fmt::format("k{}", row.integer(0));
  key.name = row.text(1);
  key.scopes = Scopes::parse(split(row.text(2))).value_or(Scopes{});
  key.models = parse_names(row.text(3));
  key.created_at = from_ms(row.integer(4));
  key.used_at = row.maybe_time(5);
  key.revoked_at = row.maybe_time(6);
  key.limits = {row.integer(8), row.maybe_integer(9), row.maybe_integer(10), parse_names(row.text(11)), row.real(12)};
  return key;
}

std::optional<std::int64_t> number_of(std::string_view id) {
  std::int64_t n = 0;
  if (!id.starts_with('k')) return std::nullopt;
  const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), n);
  if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  return n;
}

}  // namespace

Result<Scopes> Scopes::parse(const std::vector<std::string>& words) {
  Scopes s;
  for (const auto& word : words) {
    if (word == "models")
      s.models = true;
    else if (word == "tasks")
      s.tasks = true;
    else if (word == "commands")
      s.commands = true;
    else if (word == "admin")
      s = Scopes{true, true, true, true};
    else
      return fail(Code::invalid_argument, fmt::format("unknown scope '{}'", word), "there are: models, tasks, commands, admin");
  }
  if (words.empty()) return fail(Code::invalid_argument, "a key needs at least one scope", "models, tasks, commands or admin");
  return s;
}

std::vector<std::string> Scopes::words() const {
  if (admin) return {"admin"};
  std::vector<std::string> out;
  if (models) out.emplace_back("models");
  if (tasks) out.emplace_back("tasks");
  if (commands) out.emplace_back("commands");
  return out;
}

json::object Key::to_json() const {
  json::array scope_words, model_names, provider_names;
  for (const auto& w : scopes.words()) scope_words.emplace_back(w);
  if (models)
    for (const auto& m : *models) model_names.emplace_back(m);
  if (limits.providers)
    for (const auto& p : *limits.providers) provider_names.emplace_back(p);
  const auto time = [](const std::optional<WallTime>& t) { return t ? json::value(to_rfc3339(*t)) : json::value(nullptr); };
  const auto money = [](const std::optional<std::int64_t>& usd) { return usd ? json::value(format_usd(*usd)) : json::value(nullptr); };
  const json::value rate = limits.requests_per_minute > 0 ? json::value(limits.requests_per_minute) : json::value(nullptr);
  return {{"id", id},
          {"name", name},
          {"scopes", scope_words},
          {"models", model_names},
          {"providers", provider_names},
          {"rpm", rate},
          {"weight", limits.weight},
          {"budget_day_usd", money(limits.day_pico_usd)},
          {"budget_month_usd", money(limits.month_pico_usd)},
          {"created_at", to_rfc3339(created_at)},
          {"used_at", time(used_at)},
          {"revoked_at", time(revoked_at)}};
}

Result<NewKey> make_key(store::Transaction& tx, std::string_view name, const Scopes& scopes, const std::vector<std::string>& models,
                        const KeyLimits& limits) {
  if (name.empty() || name.size() > name_limit)
    return fail(Code::invalid_argument, fmt::format("a key's name has 1 to {} bytes", name_limit));
  if (tx.one("SELECT 1 FROM client_key WHERE name = ? AND revoked_at_ms IS NULL", name))
    return fail(Code::conflict, fmt::format("there is a key called '{}' already", name), "choose another name, or remove that one");
  NewKey made;
  made.secret = std::string(prefix) + random_token(32);
  tx.execute(
      "INSERT INTO client_key (name, hash, scopes, models, created_at_ms, requests_per_minute, day_pico_usd, month_pico_usd, "
      "providers, weight) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      name, sha256_hex(made.secret), join(scopes.words()), names_text(models), to_ms(tx.now()), limits.requests_per_minute,
      limits.day_pico_usd, limits.month_pico_usd, limits.providers ? names_text(*limits.providers) : "[]", limits.weight);
  made.key.id = fmt::format("k{}", tx.last_id());
  made.key.name = name;
  made.key.scopes = scopes;
  made.key.limits = limits;
  if (!models.empty()) made.key.models = std::make_shared<std::vector<std::string>>(models);
  made.key.created_at = tx.now();
  return made;
}

Result<void> adopt_key(store::Transaction& tx, std::string_view name, const Scopes& scopes, std::string_view secret) {
  if (tx.one("SELECT 1 FROM client_key WHERE hash = ?", sha256_hex(secret))) return {};
  tx.execute("INSERT INTO client_key (name, hash, scopes, created_at_ms) VALUES (?, ?, ?, ?)", name, sha256_hex(secret),
             join(scopes.words()), to_ms(tx.now()));
  return {};
}

Result<std::vector<Key>> list_keys(store::Transaction& tx) {
  std::vector<Key> out;
  for (const auto& row : tx.query(std::string(columns) + " ORDER BY id")) out.push_back(key_of(row));
  return out;
}

namespace {
std::optional<store::Row> find_row(store::Transaction& tx, std::string_view id) {
  const auto number = number_of(id);
  auto row = number ? tx.one(std::string(columns) + " WHERE id = ?", *number) : std::nullopt;
  if (!row) row = tx.one(std::string(columns) + " WHERE name = ? ORDER BY revoked_at_ms IS NOT NULL, id DESC", id);
  return row;
}
}  // namespace

Result<Key> set_key_weight(store::Transaction& tx, std::string_view id, double weight) {
  const auto row = find_row(tx, id);
  if (!row || !row->is_null(6)) return fail(Code::not_found, fmt::format("no key '{}'", id), "see `flotte key ls`");
  tx.execute("UPDATE client_key SET weight = ? WHERE id = ?", weight, row->integer(0));
  Key key = key_of(*row);
  key.limits.weight = weight;
  return key;
}

Result<Key> revoke_key(store::Transaction& tx, std::string_view id_or_name) {
  const std::string_view id = id_or_name;
  const auto row = find_row(tx, id);
  if (!row) return fail(Code::not_found, fmt::format("no key '{}'", id), "see `flotte key ls`");
  Key key = key_of(*row);
  if (key.revoked_at) return key;
  if (key.scopes.admin) {
    const auto left = tx.one("SELECT count(*) FROM client_key WHERE scopes = 'admin' AND revoked_at_ms IS NULL");
    if (left && left->integer(0) <= 1)
      return fail(Code::conflict, "this is the last admin key", "make another one first: flotte key add NAME --scope admin");
  }
  tx.execute("UPDATE client_key SET revoked_at_ms = ? WHERE id = ?", to_ms(tx.now()), row->integer(0));
  key.revoked_at = tx.now();
  return key;
}

Result<std::shared_ptr<const Keyring>> Keyring::load(store::Transaction& tx) {
  auto ring = std::make_shared<Keyring>();
  for (const auto& row : tx.query(std::string(columns) + " WHERE revoked_at_ms IS NULL")) ring->by_hash_.emplace(row.text(7), key_of(row));
  for (const auto& row : tx.query(std::string(columns) + " WHERE revoked_at_ms IS NOT NULL ORDER BY id"))
    ring->gone_.insert_or_assign(row.text(1), key_of(row));
  for (const auto& [hash, key] : ring->by_hash_) {
    ring->by_id_.emplace(key.id, &key);
    ring->gone_.erase(key.name);
  }
  // Of several keys of one name the newest counts.
  for (const auto& row : tx.query("SELECT name, providers FROM client_key ORDER BY id"))
    ring->providers_[row.text(0)] = parse_names(row.text(1));
  std::erase_if(ring->providers_, [](const auto& entry) { return !entry.second; });
  return ring;
}

const Key* Keyring::find(std::string_view secret) const {
  if (!secret.starts_with(prefix)) return nullptr;
  const std::string hash = sha256_hex(secret);
  const auto it = by_hash_.find(hash);
  // Buckets are chosen by a hash of the secret's hash, which tells an observer nothing; the final comparison takes constant time.
  return it != by_hash_.end() && equal_secrets(it->first, hash) ? &it->second : nullptr;
}

std::vector<const Key*> Keyring::all() const {
  std::vector<const Key*> out;
  out.reserve(by_hash_.size());
  for (const auto& [hash, key] : by_hash_) out.push_back(&key);
  return out;
}

std::vector<const Key*> Keyring::payers() const {
  std::vector<const Key*> out = all();
  for (const auto& [name, key] : gone_) out.push_back(&key);
  return out;
}

const Key* Keyring::find_by_id(std::string_view id) const {
  const auto it = by_id_.find(std::string(id));
  return it == by_id_.end() ? nullptr : it->second;
}

std::shared_ptr<const std::vector<std::string>> Keyring::providers_of(std::string_view name) const {
  const auto it = providers_.find(std::string(name));
  return it == providers_.end() ? nullptr : it->second;
}

bool is_own_key(std::string_view text) noexcept { return text.starts_with(prefix) || text.starts_with("fr_") || text.starts_with("fs_"); }

}  // namespace flotte::access
