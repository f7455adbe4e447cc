// Members that several messages share.
#include "wire/detail/fields.hpp"

namespace flotte::wire::detail {

json::value time_or_null(const std::optional<WallTime>& t) { return t ? json::value(to_rfc3339(*t)) : json::value(nullptr); }

std::optional<WallTime> get_time(const json::object& o, std::string_view key) {
  const auto text = json::get_string(o, key);
  return text ? parse_rfc3339(*text) : std::nullopt;
}

json::value error_or_null(const std::optional<Error>& e) {
  if (!e) return nullptr;
  json::object out{{"code", flotte::to_string(e->code)}, {"message", e->message}};
  if (!e->hint.empty()) out["hint"] = e->hint;
  return out;
}

std::optional<Error> get_error(const json::object& o, std::string_view key) {
  const json::object* e = json::get_object(o, key);
  if (!e) return std::nullopt;
  return Error(parse_code(json::string_or(*e, "code", "internal")), json::string_or(*e, "message", ""), json::string_or(*e, "hint", ""));
}

json::array from_strings(const std::vector<std::string>& words) {
  json::array out;
  for (const std::string& word : words) out.emplace_back(word);
  return out;
}

}  // namespace flotte::wire::detail
