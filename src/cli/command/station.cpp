// A new address of the cockpit for a hub that runs.
#include "cli/command/station.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/process/browser.hpp"
#include "cli/screen/screen.hpp"

namespace flotte::cli {
namespace {

/// Without a desktop an opener would start a browser in the terminal, or fail later.
bool has_desktop() {
  return !environment("DISPLAY").empty() || !environment("WAYLAND_DISPLAY").empty() || !environment("WSL_DISTRO_NAME").empty();
}

Awaitable<Result<int>> show_address(Session& session, StationOptions options) {
  const std::string path = client::make_path("session", "codes");
  json::object nothing;
  auto made = co_await session.fleet().post(path, std::move(nothing));
  if (!made) co_return pass(made);
  std::string url = session.common().url;
  while (url.ends_with('/')) url.pop_back();
  url += "/#code=" + json::string_or(*made, "code", "");
  if (session.common().json()) {
    json::object shown{{"url", url}, {"expires_at", json::string_or(*made, "expires_at", "")}};
    const json::value value(std::move(shown));
    print_json(value);
    co_return status::done;
  }
  print(url + "\n");
  if (!options.open || !has_desktop()) co_return status::done;
  if (auto opened = open_browser(url); !opened) write_all(STDERR_FILENO, "flotte: " + opened.error().text() + "\n");
  co_return status::done;
}

}  // namespace

int run_station(const Common& common, const StationOptions& options) {
  Session session(common);
  return session.run([options](Session& s) { return show_address(s, options); });
}

}  // namespace flotte::cli
