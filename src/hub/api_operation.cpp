// What whoever runs the hub asks of it.
#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {

Awaitable<void> reload_configuration(Request& request) {
  std::function<Result<ReloadReport>()> reload = [&hub = request.hub] { return hub.reload(); };
  auto report = co_await request.hub.pool().run<ReloadReport>(std::move(reload));
  if (!report) co_return co_await respond_error(request.call, report.error());
  const json::value answer = report->to_json();
  co_await respond_json(request.call, 200, answer);
}

}  // namespace flotte::hub
