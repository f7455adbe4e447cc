// The least that a proxy made of http::Server and http::Client does. usage: proxy_bench PORT UPSTREAM_PORT
#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/async/loop.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace flotte {
namespace {

struct Proxy {
  Proxy(Executor executor, std::uint16_t port) : client(executor), upstream(http::tcp_connector("127.0.0.1", port)) {}
  http::Client client;
  std::shared_ptr<http::Connector> upstream;
};

void copy_fields(const http::Headers& from, http::Headers& to) {
  for (const auto& [name, value] : from)
    if (!http::hop_by_hop(name) && !http::same_name(name, "host")) to.add(name, value);
}

Awaitable<void> relay_body(http::ServerCall& call, http::ClientCall& answer, http::ResponseHead head) {
  auto started = co_await call.start(std::move(head));
  while (started) {
    auto piece = co_await answer.next();
    if (!piece) {
      call.abort();
      co_return;
    }
    if (piece->empty()) break;
    auto written = co_await call.write(*piece);
    if (!written) co_return;
  }
  co_await call.finish();
}

Awaitable<void> forward(http::ServerCall& call, Proxy& proxy) {
  auto body = co_await call.read_body();
  if (!body) {
    http::Response refusal = http::Response::text(400, body.error().message);
    co_await call.respond(std::move(refusal));
    co_return;
  }
  http::RequestHead head;
  head.method = call.head().method;
  head.target = call.head().target;
  copy_fields(call.head().headers, head.headers);
  http::CancelHandle cancel;
  call.on_gone([&cancel] { cancel.cancel(); });
  auto answer = co_await proxy.client.send(proxy.upstream, head, *body, {}, &cancel);
  if (!answer) {
    call.on_gone(nullptr);
    http::Response refusal = http::Response::text(502, answer.error().message);
    co_await call.respond(std::move(refusal));
    co_return;
  }
  http::ResponseHead out;
  out.status = (*answer)->head().status;
  copy_fields((*answer)->head().headers, out.headers);
  co_await relay_body(call, **answer, std::move(out));
  call.on_gone(nullptr);
}

int run(std::uint16_t port, std::uint16_t upstream) {
  Loop loop("proxy");
  Proxy proxy(loop.executor(), upstream);
  http::Server server(loop.executor(), [&proxy](http::ServerCall& call) { return forward(call, proxy); });
  auto bound = server.listen({.host = "127.0.0.1", .port = port});
  if (!bound) {
    std::fprintf(stderr, "%s\n", bound.error().text().c_str());
    return 2;
  }
  std::printf("ready %u\n", *bound);
  std::fflush(stdout);
  loop.run_here();
  return 0;
}

}  // namespace
}  // namespace flotte

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: proxy_bench PORT UPSTREAM_PORT\n", stderr), 2;
  return flotte::run(static_cast<std::uint16_t>(std::atoi(argv[1])), static_cast<std::uint16_t>(std::atoi(argv[2])));
}
