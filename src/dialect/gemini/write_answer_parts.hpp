// What whole answers and streams for Gemini's clients have in common. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

#include "dialect/detail/json_writer.hpp"

namespace flotte::dialect::gemini {

/// `"functionCall":{...}`; `arguments` as the model wrote them.
void write_function_call(detail::JsonWriter& w, std::string_view id, std::string_view name, std::string_view arguments);

}  // namespace flotte::dialect::gemini
