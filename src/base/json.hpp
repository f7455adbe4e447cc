// The JSON door: values are built and read through here. Bodies that pass through are scanned in `dialect`, never parsed here.
#pragma once
#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// Strict JSON text to a value; depth at most 64. Error: invalid_argument with the byte offset.
Result<value> parse(std::string_view text);
/// The same, for text that must be an object.
Result<object> parse_object(std::string_view text);
/// Compact text on one line.
std::string dump(const value& v);
/// Indented text for people, with a newline at its end.
std::string dump_pretty(const value& v);

/// A member of that type, or nothing where it is absent, null or of another type.
std::optional<std::string_view> get_string(const object& o, std::string_view key);
std::optional<std::int64_t> get_int(const object& o, std::string_view key);
std::optional<double> get_number(const object& o, std::string_view key);
std::optional<bool> get_bool(const object& o, std::string_view key);
const object* get_object(const object& o, std::string_view key);
const array* get_array(const object& o, std::string_view key);

/// A member that must be there. Error: invalid_argument that names the key and the type.
Result<std::string> need_string(const object& o, std::string_view key);
Result<std::int64_t> need_int(const object& o, std::string_view key);

/// `get_string` with a default.
std::string string_or(const object& o, std::string_view key, std::string_view fallback);
std::int64_t int_or(const object& o, std::string_view key, std::int64_t fallback);
/// An array of strings; other elements are left out.
std::vector<std::string> strings(const object& o, std::string_view key);
/// The value for an optional: null where empty.
value or_null(const std::optional<std::string>& v);

}  // namespace flotte::json
