// What a response object repeats of its request. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

namespace flotte::dialect::responses {

/// The members, as the request has them or with the API's defaults: JSON without braces. `body` is a valid object, or empty.
std::string make_echo(std::string_view body);

}  // namespace flotte::dialect::responses
