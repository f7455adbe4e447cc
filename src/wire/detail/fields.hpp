// Members that several messages share: times, errors, lists of things.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::wire::detail {

json::value time_or_null(const std::optional<WallTime>& t);
/// Nothing where absent, null or not a time.
std::optional<WallTime> get_time(const json::object& o, std::string_view key);

json::value error_or_null(const std::optional<Error>& e);
std::optional<Error> get_error(const json::object& o, std::string_view key);

json::array from_strings(const std::vector<std::string>& words);

template <class T>
json::array from_things(const std::vector<T>& things) {
  json::array out;
  for (const T& thing : things) out.push_back(thing.to_json());
  return out;
}

template <class T>
std::vector<T> to_things(const json::object& o, std::string_view key) {
  std::vector<T> out;
  if (const json::array* a = json::get_array(o, key))
    for (const json::value& v : *a)
      if (v.is_object()) out.push_back(T::from_json(v.get_object()));
  return out;
}

}  // namespace flotte::wire::detail
