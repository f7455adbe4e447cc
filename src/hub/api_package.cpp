// GET /join/flotte.tar.gz: the program for a machine that is to become a node. Nobody needs a key: it is no secret.
#include <fmt/format.h>

#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/send_file.hpp"

namespace flotte::hub {

Awaitable<void> get_package(Request& request) {
  const http::RequestHead& asked = request.call.head();
  std::string os = asked.query("os").value_or("");
  std::string architecture = asked.query("arch").value_or("");
  std::function<Result<Package>()> find = [&packages = request.hub.packages(), os = std::move(os), architecture = std::move(architecture)] {
    return packages.find(os, architecture);
  };
  auto package = co_await request.hub.pool().run<Package>(std::move(find));
  if (!package) co_return co_await respond_error(request.call, package.error());
  const std::string tag = fmt::format("\"{}\"", package->sha256);
  http::ResponseHead head;
  head.headers.set("content-type", "application/gzip");
  head.headers.set("etag", tag);
  head.headers.set("x-flotte-sha256", package->sha256);
  head.headers.set("cache-control", "no-cache");
  head.headers.set("x-content-type-options", "nosniff");
  if (asked.headers.get("if-none-match") == tag) {
    head.status = 304;
    const std::string_view nothing;
    auto unchanged = co_await request.call.respond(std::move(head), nothing);
    (void)unchanged;  // a client that has gone needs no answer
    co_return;
  }
  head.headers.set("content-length", std::to_string(package->bytes));
  auto started = co_await request.call.start(std::move(head));
  if (!started) co_return;
  if (asked.method != "HEAD") co_return co_await send_file(request.call, request.hub.pool(), package->path, package->bytes);
  auto finished = co_await request.call.finish();
  (void)finished;
}

}  // namespace flotte::hub
