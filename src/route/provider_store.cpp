// Rows of added providers.
#include "route/provider_store.hpp"

#include <fmt/format.h>

#include "store/transaction.hpp"

namespace flotte::route {
namespace {

StoredProvider provider_of(const store::Row& row) {
  return {.name = row.text(0), .dialect = row.text(1), .base_url = row.text(2), .key_file = row.text(3), .models = row.integer(4)};
}

}  // namespace

Result<void> insert_provider(store::Transaction& tx, const StoredProvider& provider) {
  if (tx.one("SELECT 1 FROM provider WHERE name = ?", provider.name))
    return fail(Code::conflict, fmt::format("there is a provider called \"{}\" already", provider.name), "give another name, or remove it");
  tx.execute("INSERT INTO provider (name, dialect, base_url, key_file, models, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)", provider.name,
             provider.dialect, provider.base_url, provider.key_file, provider.models, tx.now());
  return {};
}

Result<StoredProvider> delete_provider(store::Transaction& tx, std::string_view name) {
  const auto row = tx.one("SELECT name, dialect, base_url, key_file, models FROM provider WHERE name = ?", name);
  if (!row) return fail(Code::not_found, fmt::format("there is no provider \"{}\" that was added here", name), "see `flotte provider ls`");
  tx.execute("DELETE FROM provider WHERE name = ?", name);
  return provider_of(*row);
}

Result<std::vector<StoredProvider>> list_providers(store::Transaction& tx) {
  std::vector<StoredProvider> out;
  for (const store::Row& row : tx.query("SELECT name, dialect, base_url, key_file, models FROM provider ORDER BY name"))
    out.push_back(provider_of(row));
  return out;
}

}  // namespace flotte::route
