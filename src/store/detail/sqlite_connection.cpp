// SQLite behind the store.
#include "store/detail/sqlite_connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/assert.hpp"
#include "base/disk_full.hpp"
#include "store/detail/recording_vfs.hpp"
#include "store/transaction.hpp"

namespace flotte::store::detail {
namespace {

constexpr std::size_t statement_limit = 500;
constexpr int busy_ms = 5000, patience_ms = 200;

Code code_of(int result, int system_error) {
  switch (result & 0xff) {
    case SQLITE_FULL: return Code::exhausted;
    case SQLITE_CONSTRAINT: return Code::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::unavailable;
    case SQLITE_IOERR: return system_error == ENOSPC || system_error == EDQUOT ? Code::exhausted : Code::io;
    default: return Code::io;
  }
}

/// Resets a statement however its use ends, so that it holds no lock and no foreign text.
class Use {
 public:
  explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  sqlite3_stmt* statement_;
};

Value column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_NULL: return nullptr;
    default: {
      const void* bytes = sqlite3_column_blob(statement, column);
      return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
  }
}

int note_log_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

/// Texts are long, few, and asked for at every turn: a sample of their bytes is enough to tell them apart, the comparison does the rest.
std::size_t SqliteConnection::TextHash::operator()(std::string_view text) const noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  std::uint64_t hash = text.size() * 0x9e3779b97f4a7c15;
  const std::size_t last = text.size() < word ? 0 : text.size() - word;
  for (const std::size_t at : {std::size_t{0}, last / 4, last / 2, last - last / 4, last}) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, text.data() + at, std::min(word, text.size()));
    hash = (hash ^ piece) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  return hash;
}

SqliteConnection::SqliteConnection(const std::string& path, Access access) {
  const int flags = SQLITE_OPEN_NOMUTEX | (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  if (sqlite3_open_v2(path.c_str(), &database_, flags, recording_vfs()) != SQLITE_OK) {
    const Code code = code_of(sqlite3_errcode(database_), sqlite3_system_errno(database_));
    const std::string message = fmt::format("cannot open {}: {}", path, sqlite3_errmsg(database_));
    sqlite3_close_v2(database_);
    throw SqlError(code, message);
  }
  try {
    sqlite3_busy_timeout(database_, busy_ms);  // only a program that is not ours can hold the write lock
    if (access == Access::write) {
      // FULL: what was acknowledged survives a power cut. The WAL is kept and overwritten, so that a commit need not grow the file.
      script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-16384;");
      // In the place of SQLite's own checkpoints inside commits: see checkpointer.hpp.
      sqlite3_wal_hook(database_, note_log_pages, &log_pages_);
    } else {
      script("PRAGMA query_only=1; PRAGMA cache_size=-4096;");
    }
    script("PRAGMA temp_store=MEMORY;");
  } catch (...) {
    sqlite3_close_v2(database_);
    throw;
  }
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(database_);
}

void SqliteConnection::fail_with(std::string_view doing) {
  const int result = sqlite3_extended_errcode(database_);
  const int system_error = sqlite3_system_errno(database_);
  std::string message = fmt::format("{}: {}", doing.substr(0, 80), sqlite3_errmsg(database_));
  if ((result & 0xff) == SQLITE_IOERR && system_error != 0) message += fmt::format(" ({})", std::strerror(system_error));
  if (code_of(result, system_error) == Code::exhausted) message = disk_full("the database's").message;
  throw SqlError(code_of(result, system_error), message);
}

sqlite3_stmt* SqliteConnection::prepared(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second;
  // Texts come from a fixed set, but lists with many filters make it large: begin anew rather than keep them all.
  if (statements_.size() >= statement_limit) {
    for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, &rest) != SQLITE_OK)
    fail_with(sql);
  FLOTTE_ASSERT(statement != nullptr);
  statements_.emplace(std::string(sql), statement);
  return statement;
}

void SqliteConnection::bind(sqlite3_stmt* statement, std::span<const Argument> arguments) {
  FLOTTE_ASSERT(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) == arguments.size());
  int index = 0;
  for (const Argument& argument : arguments) {
    ++index;
    const auto& held = argument.held();
    int result = SQLITE_OK;
    if (const auto* number = std::get_if<std::int64_t>(&held))
      result = sqlite3_bind_int64(statement, index, *number);
    else if (const auto* real = std::get_if<double>(&held))
      result = sqlite3_bind_double(statement, index, *real);
    else if (const auto* text = std::get_if<std::string_view>(&held))
      result = sqlite3_bind_text64(statement, index, text->data() ? text->data() : "", text->size(), SQLITE_STATIC, SQLITE_UTF8);
    if (result != SQLITE_OK) fail_with("binding a parameter");
  }
}

std::int64_t SqliteConnection::run(std::string_view sql, std::span<const Argument> arguments) {
  sqlite3_stmt* statement = prepared(sql);
  const Use use(statement);
  bind(statement, arguments);
  const std::int64_t before = sqlite3_total_changes64(database_);
  int result = SQLITE_ROW;
  while (result == SQLITE_ROW) result = sqlite3_step(statement);
  if (result != SQLITE_DONE) fail_with(sql);
  return sqlite3_total_changes64(database_) - before;
}

Rows SqliteConnection::fetch(std::string_view sql, std::span<const Argument> arguments, std::size_t limit) {
  sqlite3_stmt* statement = prepared(sql);
  const Use use(statement);
  bind(statement, arguments);
  const int columns = sqlite3_column_count(statement);
  Rows rows;
  for (;;) {
    const int result = sqlite3_step(statement);
    if (result == SQLITE_DONE) break;
    if (result != SQLITE_ROW) fail_with(sql);
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) values.push_back(column_value(statement, column));
    rows.emplace_back(std::move(values));
    if (rows.size() >= limit) break;
  }
  return rows;
}

std::int64_t SqliteConnection::last_id() { return sqlite3_last_insert_rowid(database_); }

void SqliteConnection::script(std::string_view sql) {
  const std::string text(sql);
  if (sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail_with(text);
}

void SqliteConnection::rollback() noexcept {
  if (!in_transaction()) return;
  sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteConnection::undo_savepoint() {
  run("ROLLBACK TO closure", {});
  run("RELEASE closure", {});
}

bool SqliteConnection::in_transaction() { return sqlite3_get_autocommit(database_) == 0; }
SqliteConnection::Checkpoint SqliteConnection::checkpoint(Haste haste) noexcept {
  Checkpoint out;
  const bool patient = haste == Haste::patient;
  if (patient) sqlite3_busy_timeout(database_, patience_ms);
  const int result = sqlite3_wal_checkpoint_v2(database_, nullptr, patient ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
                                               &out.pages, &out.brought);
  if (patient) sqlite3_busy_timeout(database_, busy_ms);
  return result == SQLITE_OK || result == SQLITE_BUSY ? out : Checkpoint{};
}

std::int64_t SqliteConnection::total_changes() { return sqlite3_total_changes64(database_); }

}  // namespace flotte::store::detail
