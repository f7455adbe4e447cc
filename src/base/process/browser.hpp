// A page in this machine's browser.
#pragma once
#include <string>

#include "base/error.hpp"

namespace flotte {

/// Starts the desktop's opener and does not wait for it. Error: not_found where there is none.
Result<void> open_browser(const std::string& url);

}  // namespace flotte
