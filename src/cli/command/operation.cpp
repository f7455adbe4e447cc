// Running a hub.
#include "cli/command/operation.hpp"

#include <fmt/ranges.h>

#include "cli/screen/screen.hpp"

namespace flotte::cli {
namespace {

std::string counted(std::string_view what, const std::vector<std::string>& names) {
  return names.empty() ? fmt::format("no {}", what) : fmt::format("{} {}: {}", names.size(), what, fmt::join(names, ", "));
}

Awaitable<Result<int>> reload(Session& session) {
  const std::string path = client::make_path("reload");
  json::object nothing;
  auto report = co_await session.fleet().post(path, std::move(nothing));
  if (!report) co_return pass(report);
  if (session.common().json()) {
    print_json(json::value(*report));
    co_return status::done;
  }
  for (const std::string& warning : json::strings(*report, "warnings")) write_all(STDERR_FILENO, "flotte: warning: " + warning + "\n");
  print(fmt::format("read; the file has {}; {}\nwhat was found or added besides: flotte provider ls, flotte model ls\n",
                    counted("providers", json::strings(*report, "providers")), counted("models", json::strings(*report, "models"))));
  const std::vector<std::string> engines = json::strings(*report, "engines");
  if (!engines.empty()) print(counted("engines started anew", engines) + "\n");
  if (json::get_bool(*report, "certificate").value_or(false)) print("new connections get the certificate that the files hold now\n");
  for (const std::string& change : json::strings(*report, "restart")) print("counts from the hub's next start on: " + change + "\n");
  co_return status::done;
}

}  // namespace

int run_reload(const Common& common) {
  Session session(common);
  return session.run([](Session& s) { return reload(s); });
}

}  // namespace flotte::cli
