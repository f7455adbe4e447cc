// One connection to a database, used by one thread at a time. The only thing a database behind the store must provide.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "store/value.hpp"

namespace flotte::store::detail {

/// Every call throws SqlError on failure.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual std::int64_t run(std::string_view sql, std::span<const Argument> arguments) = 0;
  virtual Rows fetch(std::string_view sql, std::span<const Argument> arguments, std::size_t limit) = 0;
  virtual std::int64_t last_id() = 0;
  /// Several statements without parameters or rows.
  virtual void script(std::string_view sql) = 0;

  virtual void begin_write() = 0;
  virtual void begin_read() = 0;
  virtual void commit() = 0;
  /// Does not throw; harmless outside a transaction.
  virtual void rollback() noexcept = 0;
  virtual void open_savepoint() = 0;
  virtual void release_savepoint() = 0;
  virtual void undo_savepoint() = 0;
  /// False where a failure has made the database end the transaction by itself.
  virtual bool in_transaction() = 0;
  /// Rows changed since the connection was opened.
  virtual std::int64_t total_changes() = 0;
};

}  // namespace flotte::store::detail
