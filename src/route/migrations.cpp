// SQL of usage and the call journal.
#include "route/migrations.hpp"

#include <array>

#include "store/migration.hpp"

namespace flotte::route {
namespace {

// `usage` keeps what happened in the last days. Calls of one batch (a fifth of a second) that are alike share a row, so that a busy gateway
// writes as much as a quiet one: tokens and times are sums over `calls`. `usage_day` keeps the sums for ever, a row per day, key, model and
// target.
constexpr std::string_view usage_tables = R"sql(
CREATE TABLE usage (
  at_ms          INTEGER NOT NULL,
  key            TEXT NOT NULL,
  model          TEXT NOT NULL,
  target         TEXT NOT NULL,
  task           INTEGER NOT NULL,
  status         INTEGER NOT NULL,
  calls          INTEGER NOT NULL,
  unpriced       INTEGER NOT NULL,
  answered       INTEGER NOT NULL,
  input_tokens   INTEGER NOT NULL,
  cached_tokens  INTEGER NOT NULL,
  output_tokens  INTEGER NOT NULL,
  first_ms       INTEGER NOT NULL,
  total_ms       INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL
);
CREATE INDEX usage_at ON usage (at_ms);
CREATE TABLE usage_day (
  day            INTEGER NOT NULL,
  key            TEXT NOT NULL,
  model          TEXT NOT NULL,
  target         TEXT NOT NULL,
  calls          INTEGER NOT NULL,
  failed         INTEGER NOT NULL,
  unpriced       INTEGER NOT NULL,
  input_tokens   INTEGER NOT NULL,
  cached_tokens  INTEGER NOT NULL,
  output_tokens  INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL,
  PRIMARY KEY (day, key, model, target)
) WITHOUT ROWID;
)sql";

// One answer per task, step and request, whichever run asked. `body` is what the client got.
constexpr std::string_view journal_table = R"sql(
CREATE TABLE call (
  task           INTEGER NOT NULL,
  step           TEXT NOT NULL,
  sha256         TEXT NOT NULL,
  fence          INTEGER NOT NULL,
  at_ms          INTEGER NOT NULL,
  target         TEXT NOT NULL,
  content_type   TEXT NOT NULL,
  input_tokens   INTEGER,
  cached_tokens  INTEGER,
  output_tokens  INTEGER,
  body           TEXT NOT NULL,
  PRIMARY KEY (task, step, sha256)
);
)sql";

// Providers that were added while the hub runs. The key of each lies in a file of its own, never here.
constexpr std::string_view provider_table = R"sql(
CREATE TABLE provider (
  name           TEXT PRIMARY KEY,
  dialect        TEXT NOT NULL,
  base_url       TEXT NOT NULL,
  key_file       TEXT NOT NULL UNIQUE,
  models         INTEGER NOT NULL,
  created_at_ms  INTEGER NOT NULL
) STRICT;
)sql";

// Money to the trillionth of a dollar, as prices per token need it; what a journalled call cost, NULL where nobody knows.
constexpr std::string_view cost_columns = R"sql(
ALTER TABLE usage RENAME COLUMN cost_micro_usd TO cost_pico_usd;
UPDATE usage SET cost_pico_usd = cost_pico_usd * 1000000 WHERE cost_pico_usd <> 0;
ALTER TABLE usage_day RENAME COLUMN cost_micro_usd TO cost_pico_usd;
UPDATE usage_day SET cost_pico_usd = cost_pico_usd * 1000000 WHERE cost_pico_usd <> 0;
ALTER TABLE call ADD COLUMN cost_pico_usd INTEGER;
)sql";

// What each key has spent, a row per day, for its budgets. Until now only costs that were known were written down.
constexpr std::string_view spending_table = R"sql(
CREATE TABLE key_spending (
  key            TEXT NOT NULL,
  day            INTEGER NOT NULL,
  pico_usd       INTEGER NOT NULL,
  PRIMARY KEY (key, day)
) WITHOUT ROWID;
INSERT INTO key_spending SELECT key, day, SUM(cost_pico_usd) FROM usage_day GROUP BY key, day HAVING SUM(cost_pico_usd) > 0;
)sql";

// The calls of tasks in the order in which they were asked (call_book.hpp), the answers that were bought, and what is left of calls that
// were forgotten. Answers of before are not taken over: they do not say in which order they were asked.
constexpr std::string_view ordered_journal = R"sql(
DROP TABLE call;
CREATE TABLE call_ask (
  task           INTEGER NOT NULL,
  place          INTEGER NOT NULL,
  step           TEXT NOT NULL,
  request        TEXT NOT NULL,
  fence          INTEGER NOT NULL,
  state          INTEGER NOT NULL,
  answer         INTEGER NOT NULL,
  told           INTEGER NOT NULL,
  repeats        INTEGER NOT NULL,
  at             INTEGER NOT NULL,
  PRIMARY KEY (task, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX call_ask_open ON call_ask (task) WHERE state = 0;
CREATE TABLE call_answer (
  task           INTEGER NOT NULL,
  place          INTEGER NOT NULL,
  content_type   TEXT NOT NULL,
  target         TEXT NOT NULL,
  input_tokens   INTEGER,
  cached_tokens  INTEGER,
  output_tokens  INTEGER,
  cost_pico_usd  INTEGER,
  packed         INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  body           TEXT NOT NULL,
  PRIMARY KEY (task, place)
);
CREATE TABLE call_total (
  task           INTEGER PRIMARY KEY,
  bought         INTEGER NOT NULL,
  replayed       INTEGER NOT NULL,
  lost           INTEGER NOT NULL,
  maybe_twice    INTEGER NOT NULL
) STRICT;
)sql";

constexpr std::array steps{
    store::Migration{200, "usage", usage_tables},
    store::Migration{201, "call journal", journal_table},
    store::Migration{202, "costs", cost_columns},
    store::Migration{210, "added providers", provider_table},
    store::Migration{220, "spending of keys", spending_table},
    store::Migration{230, "call journal in order", ordered_journal},
};

}  // namespace

std::span<const store::Migration> migrations() { return steps; }

}  // namespace flotte::route
