// Starts xdg-open and its like.
#include "base/process/browser.hpp"

#include "base/process/spawn.hpp"

namespace flotte {

Result<void> open_browser(const std::string& url) {
  for (const char* opener : {"xdg-open", "wslview", "open", "gio"}) {
    if (!find_program(opener)) continue;
    SpawnSpec spec;
    spec.argv = {opener};
    if (std::string_view(opener) == "gio") spec.argv.emplace_back("open");
    spec.argv.push_back(url);
    auto started = spawn(spec);
    if (!started) return pass(started);
    return {};
  }
  return fail(Code::not_found, "no program here opens a browser (xdg-open)", "open the board's address yourself");
}

}  // namespace flotte
