// Log lines: one event, a few named values, to standard error. `log::info("node linked", {{"node", name}, {"epoch", 7}});`
// Safe from any thread. Never give it a secret.
#pragma once
#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace flotte::log {

enum class Level { debug, info, warning, error, off };

/// A named value; anything that fmt can format.
struct Field {
  std::string_view name;
  std::string value;
  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(v) {}
  template <class T>
  Field(std::string_view n, const T& v) : name(n), value(fmt::format("{}", v)) {}
};
using Fields = std::initializer_list<Field>;

/// Lines below it are dropped. Starts as `info`, or as FLOTTE_LOG says (debug, info, warning, error, off).
void set_level(Level level);
bool enabled(Level level);
/// Replaces standard error by a file that is appended to; false where it cannot be opened.
bool to_file(const std::string& path);

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warning(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

}  // namespace flotte::log
