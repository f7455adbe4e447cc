// The JSON door over Boost.JSON.
#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace flotte::json {
namespace {

void pretty(std::string& out, const value& v, int indent) {
  const std::string pad(static_cast<std::size_t>(indent) * 2, ' ');
  if (v.is_object() && !v.get_object().empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& member : v.get_object()) {
      if (!first) out += ",\n";
      first = false;
      out += pad + "  " + boost::json::serialize(value(member.key())) + ": ";
      pretty(out, member.value(), indent + 1);
    }
    out += "\n" + pad + "}";
  } else if (v.is_array() && !v.get_array().empty()) {
    out += "[\n";
    bool first = true;
    for (const auto& element : v.get_array()) {
      if (!first) out += ",\n";
      first = false;
      out += pad + "  ";
      pretty(out, element, indent + 1);
    }
    out += "\n" + pad + "]";
  } else {
    out += boost::json::serialize(v);
  }
}

const value* find(const object& o, std::string_view key) {
  const auto it = o.find(key);
  return it == o.end() ? nullptr : &it->value();
}

/// What Boost.JSON makes of a number beyond a double's range; it could not be written again.
bool has_infinity(const value& v) {
  if (v.is_double()) return !std::isfinite(v.get_double());
  if (v.is_array()) return std::any_of(v.get_array().begin(), v.get_array().end(), has_infinity);
  if (!v.is_object()) return false;
  return std::any_of(v.get_object().begin(), v.get_object().end(), [](const auto& member) { return has_infinity(member.value()); });
}

}  // namespace

Result<value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::json::stream_parser parser(boost::json::storage_ptr(), options);
  boost::system::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error && read == text.size()) parser.finish(error);
  if (error || read != text.size())
    return fail(Code::invalid_argument,
                fmt::format("not valid JSON at byte {}: {}", read, error ? error.message() : "text after the value"));
  value parsed = parser.release();
  if (has_infinity(parsed)) return fail(Code::invalid_argument, "not valid JSON: a number is too large");
  return parsed;
}

Result<object> parse_object(std::string_view text) {
  auto v = parse(text);
  if (!v) return pass(v);
  if (!v->is_object()) return fail(Code::invalid_argument, "a JSON object is expected");
  return std::move(v->get_object());
}

std::string dump(const value& v) { return boost::json::serialize(v); }

std::string dump_pretty(const value& v) {
  std::string out;
  pretty(out, v, 0);
  out += '\n';
  return out;
}

std::optional<std::string_view> get_string(const object& o, std::string_view key) {
  const value* v = find(o, key);
  if (!v || !v->is_string()) return std::nullopt;
  return std::string_view(v->get_string().data(), v->get_string().size());
}

std::optional<std::int64_t> get_int(const object& o, std::string_view key) {
  const value* v = find(o, key);
  if (!v) return std::nullopt;
  if (v->is_int64()) return v->get_int64();
  if (v->is_uint64() && v->get_uint64() <= static_cast<std::uint64_t>(INT64_MAX)) return static_cast<std::int64_t>(v->get_uint64());
  return std::nullopt;
}

std::optional<double> get_number(const object& o, std::string_view key) {
  const value* v = find(o, key);
  if (!v || !v->is_number()) return std::nullopt;
  return v->to_number<double>();
}

std::optional<bool> get_bool(const object& o, std::string_view key) {
  const value* v = find(o, key);
  if (!v || !v->is_bool()) return std::nullopt;
  return v->get_bool();
}

const object* get_object(const object& o, std::string_view key) {
  const value* v = find(o, key);
  return v ? v->if_object() : nullptr;
}

const array* get_array(const object& o, std::string_view key) {
  const value* v = find(o, key);
  return v ? v->if_array() : nullptr;
}

Result<std::string> need_string(const object& o, std::string_view key) {
  if (auto s = get_string(o, key)) return std::string(*s);
  return fail(Code::invalid_argument, fmt::format("\"{}\" must be a string", key));
}

Result<std::int64_t> need_int(const object& o, std::string_view key) {
  if (auto n = get_int(o, key)) return *n;
  return fail(Code::invalid_argument, fmt::format("\"{}\" must be a whole number", key));
}

std::string string_or(const object& o, std::string_view key, std::string_view fallback) {
  return std::string(get_string(o, key).value_or(fallback));
}

std::int64_t int_or(const object& o, std::string_view key, std::int64_t fallback) { return get_int(o, key).value_or(fallback); }

std::vector<std::string> strings(const object& o, std::string_view key) {
  std::vector<std::string> out;
  if (const array* a = get_array(o, key))
    for (const value& v : *a)
      if (v.is_string()) out.emplace_back(v.get_string().data(), v.get_string().size());
  return out;
}

value or_null(const std::optional<std::string>& v) { return v ? value(*v) : value(nullptr); }

}  // namespace flotte::json
