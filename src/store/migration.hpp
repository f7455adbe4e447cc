// Numbered steps that bring a database to the shape this program knows.
#pragma once
#include <string_view>

namespace flotte::store {

/// Numbers are unique over all features (fleet 1xx, route 2xx, access 3xx) and never reused; a released text never changes.
/// `postgres` is where the same step in PostgreSQL's words will stand. It is empty everywhere for now: the SQLite side is the
/// only one that is built, and this is the one place that says so.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgres = {};
};

}  // namespace flotte::store
