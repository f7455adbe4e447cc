// Closures reach the database through their connection.
#include "store/transaction.hpp"

#include "store/detail/connection.hpp"

namespace flotte::store {

std::int64_t Transaction::run(std::string_view sql, std::span<const Argument> arguments) { return connection_.run(sql, arguments); }

Rows Transaction::fetch(std::string_view sql, std::span<const Argument> arguments, std::size_t limit) {
  return connection_.fetch(sql, arguments, limit);
}

std::int64_t Transaction::last_id() { return connection_.last_id(); }

}  // namespace flotte::store
