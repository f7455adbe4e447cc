// SQLite behind the store. The only header that names its handles.
#pragma once
#include <memory>
#include <string>
#include <unordered_map>

#include "store/detail/connection.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace flotte::store::detail {

class SqliteConnection final : public Connection {
 public:
  enum class Access { write, read };
  /// Throws SqlError. `path` ":memory:" is a database of its own.
  SqliteConnection(const std::string& path, Access access);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  std::int64_t run(std::string_view sql, std::span<const Argument> arguments) override;
  Rows fetch(std::string_view sql, std::span<const Argument> arguments, std::size_t limit) override;
  std::int64_t last_id() override;
  void script(std::string_view sql) override;
  void begin_write() override { run("BEGIN IMMEDIATE", {}); }
  void begin_read() override { run("BEGIN", {}); }
  void commit() override { run("COMMIT", {}); }
  void rollback() noexcept override;
  void open_savepoint() override { run("SAVEPOINT closure", {}); }
  void release_savepoint() override { run("RELEASE closure", {}); }
  void undo_savepoint() override;
  bool in_transaction() override;
  std::int64_t total_changes() override;

  /// Pages in the write-ahead log after this connection's last commit; 0 before the first.
  int log_pages() const noexcept { return log_pages_; }
  /// Brings pages of the log into the database; a full log that all is brought from is begun anew by the next commit, unless somebody
  /// reads from it. `patient`: waits a moment for those. `brought` of `pages`; both -1 where another connection is at it, or the disk
  /// failed.
  struct Checkpoint {
    int pages = -1, brought = -1;
  };
  enum class Haste { passing, patient };
  Checkpoint checkpoint(Haste haste) noexcept;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept;
  };
  sqlite3_stmt* prepared(std::string_view sql);
  void bind(sqlite3_stmt* statement, std::span<const Argument> arguments);
  [[noreturn]] void fail_with(std::string_view doing);

  sqlite3* database_ = nullptr;
  int log_pages_ = 0;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> statements_;
};

}  // namespace flotte::store::detail
