// What may be the name of a step.
#include "wire/step.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace flotte::wire {

bool is_step_name(std::string_view name) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control || name.size() > step_name_bytes) return false;
  return json::parse(json::dump(json::value(name))).has_value();  // the reader refuses what is not UTF-8
}

}  // namespace flotte::wire
