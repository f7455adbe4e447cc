// The configuration file (TOML): read, checked against one visible table, and handed on as JSON with its defaults filled in.
#pragma once
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"

namespace flotte::config {

enum class Type {
  text,     // JSON string
  texts,    // array of strings
  integer,  // JSON number, not negative
  number,   // JSON number, not negative
  boolean,
  duration,  // "30s" in the file, milliseconds (integer) in the document
  size,      // "4G" in the file, bytes (integer) in the document
  secret,    // "env:NAME", "file:/path" or the text itself; see resolve_secret
};

/// A table of the file. `list`: written [[name]], any number of them. "provider.limits" is a table inside each [[provider]].
struct Section {
  std::string_view name;
  bool list;
  std::string_view about;
};
/// Of a number, both ends included.
struct Range {
  double least = 0, most = 0;  // most 0: no bound
};
struct Key {
  std::string_view section, name;
  Type type;
  std::string_view words;     // the only ones allowed, "a|b|c"; empty: anything
  std::string_view fallback;  // as written in the file; empty: none, or told in `about`
  std::string_view example;   // for api/config.example.toml, as written in the file
  std::string_view about;     // one line
  bool required = false;
  Range range{};  // of integer and number
};
std::span<const Section> sections();
std::span<const Key> keys();

/// What a file says. `root` always has the objects "hub" and "node" and the arrays "provider", "model", "engine", "worker".
struct Document {
  json::object root;
  std::vector<std::string> warnings;  // "flotte.toml:12: ..."
  std::string file;
  std::map<std::string, int, std::less<>> lines;  // "provider[0].api_key" -> 12

  /// "flotte.toml:12", or the file alone for what is not written in it. Paths as "hub.listen", "model[1].targets[0].provider".
  std::string origin(std::string_view path) const;
  const json::object& hub() const { return root.at("hub").get_object(); }
  const json::object& node() const { return root.at("node").get_object(); }
  /// The entries of a list: "provider", "model", "engine" or "worker".
  const json::array& list(std::string_view name) const { return root.at(name).get_array(); }
};

/// Error: invalid_argument whose message has a line for each mistake: file, line, what is wrong, the nearest valid name.
Result<Document> parse(std::string_view text, std::string_view file_name);

enum class Missing { is_empty, is_error };
/// Errors: those of `parse`; not_found; io.
Result<Document> load(const std::string& path, Missing missing);

/// The text behind a value of type secret.
struct ResolvedSecret {
  Secret value;         // empty: whatever needs it is off
  std::string warning;  // empty, or what to tell the operator; never has the secret in it
};
/// `where` is for the warning, for example `document.origin("provider[0].api_key")`.
ResolvedSecret resolve_secret(std::string_view text, std::string_view where);

/// The table as a JSON Schema, and as a commented example. A test keeps api/config.schema.json and api/config.example.toml equal to them.
std::string schema_text();
std::string example_text();

}  // namespace flotte::config
