// The tables of this module.
#include "access/migrations.hpp"

#include "store/migration.hpp"

namespace flotte::access {
namespace {
constexpr store::Migration list[] = {
    {300, "client keys", R"sql(
CREATE TABLE client_key (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, models TEXT NOT NULL DEFAULT '[]',
  created_at_ms INTEGER NOT NULL, used_at_ms INTEGER, revoked_at_ms INTEGER) STRICT;
)sql"},
    {301, "enrolment", R"sql(
CREATE TABLE invite (
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL DEFAULT '', expires_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER) STRICT;
CREATE TABLE node_key (
  name TEXT PRIMARY KEY, public_key TEXT NOT NULL, created_at_ms INTEGER NOT NULL, revoked_at_ms INTEGER) STRICT;
)sql"},
    {310, "invitations with labels; nodes by their key", R"sql(
ALTER TABLE invite ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
CREATE INDEX node_key_public_key ON node_key (public_key);
)sql"},
    {320, "limits of client keys", R"sql(
ALTER TABLE client_key ADD COLUMN requests_per_minute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE client_key ADD COLUMN day_pico_usd INTEGER;
ALTER TABLE client_key ADD COLUMN month_pico_usd INTEGER;
)sql"},
    {330, "providers of client keys", R"sql(
ALTER TABLE client_key ADD COLUMN providers TEXT NOT NULL DEFAULT '[]';
)sql"},
    {340, "weights of client keys", R"sql(
ALTER TABLE client_key ADD COLUMN weight REAL NOT NULL DEFAULT 1;
)sql"},
};
}  // namespace

std::span<const store::Migration> migrations() { return list; }

}  // namespace flotte::access
