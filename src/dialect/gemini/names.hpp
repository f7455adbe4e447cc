// Names of Gemini's fields: proto JSON is read in camelCase and in snake_case, and clients write both. Internal to dialect.
#pragma once
#include <string_view>

#include "dialect/detail/fields.hpp"

namespace flotte::dialect::gemini {

/// `camel` is the name in camelCase.
constexpr bool is_named(std::string_view key, std::string_view camel) noexcept {
  std::size_t at = 0;
  for (char c : camel) {
    if (at < key.size() && key[at] == '_' && c >= 'A' && c <= 'Z') {
      ++at;
      c = static_cast<char>(c - 'A' + 'a');
    }
    if (at == key.size() || key[at] != c) return false;
    ++at;
  }
  return at == key.size();
}

/// The member of that name in either spelling, or null.
inline detail::Value field(const detail::Value& object, std::string_view camel) {
  detail::Value found;
  for (detail::Fields f(object); f.next();)
    if (is_named(f.key(), camel)) found = f;
  return found;
}

}  // namespace flotte::dialect::gemini
