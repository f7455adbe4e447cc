// Streamed events through a node's spare connections, in bare parts that can be measured one by one:
//   stream_relay source SOCKET|PORT EVENTS_PER_SECOND  an engine: streams events to whoever asks, on a Unix socket or a loopback port
//   stream_relay node HUB_PORT PIN SOCKET SPARES       dials the hub, joins each spare to the engine's socket when asked
//   stream_relay hub PORT CERTIFICATE KEY STREAMS      takes spares and reads events through them; prints events and delay each second
//   stream_relay client PORT PIN STREAMS [KEY MODEL]   the same reader, straight over TLS (to HAProxy), or asking a real hub for a model
#include <cstdio>
#include <cstring>
#include <deque>
#include <vector>

#include "base/async/loop.hpp"
#include "base/async/wait.hpp"
#include "http/client.hpp"
#include "http/join.hpp"
#include "http/server.hpp"

namespace flotte {
namespace {

using namespace std::chrono_literals;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void fail_with(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text().c_str());
  std::exit(2);
}

// ---- source: an engine -----------------------------------------------------------------------------------------------------------

/// About the size of a chat completion chunk; its number is the time it was sent.
std::string make_event() {
  return "data: "
         "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,"
         "\"delta\":{\"content\":\" token\"},\"finish_reason\":null}],\"sent\":" +
         std::to_string(now_us()) + "}\n\n";
}

Awaitable<void> emit(http::ServerCall& call, std::chrono::microseconds period, int& number) {
  http::ResponseHead head;
  if (call.head().path() == "/v1/models") {
    head.headers.add("Content-Type", "application/json");
    auto told = co_await call.respond(std::move(head), R"({"object":"list","data":[{"id":"m","object":"model"}]})");
    co_return;
  }
  if (call.head().path() != "/events" && call.head().path() != "/v1/chat/completions") {
    head.status = 404;
    auto told = co_await call.respond(std::move(head), "");
    co_return;
  }
  head.headers.add("Content-Type", "text/event-stream");
  co_await call.start(std::move(head));
  Timer timer(call.executor());
  // Streams are spread over the period, so that events come one by one and not in bursts.
  auto next = std::chrono::steady_clock::now() + period * (number++ % 97) / 97;
  for (;;) {
    next += period;
    timer.expires_at(next);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
    const std::string event = make_event();
    auto written = co_await call.write(event);
    if (!written) co_return;
  }
}

int run_source(const std::string& path, int per_second) {
  Loop loop("source");
  int number = 0;
  const auto period = std::chrono::microseconds(1'000'000 / per_second);
  http::Server server(loop.executor(), [period, &number](http::ServerCall& call) { return emit(call, period, number); });
  http::Server::Address address;
  if (path.find('/') != std::string::npos) {
    address.unix_path = path;
  } else {
    address.host = "127.0.0.1";
    address.port = static_cast<std::uint16_t>(std::stoi(path));
  }
  if (auto bound = server.listen(address); !bound) fail_with(bound.error());
  std::puts("ready");
  std::fflush(stdout);
  loop.run_here();
  return 0;
}

// ---- node ------------------------------------------------------------------------------------------------------------------------

/// One spare: waits for the hub's line, then is the engine's connection until it ends.
Awaitable<void> offer_spare(std::shared_ptr<http::Connector> hub, std::shared_ptr<http::Connector> engine) {
  http::Client client(co_await asio::this_coro::executor);
  http::RequestHead head;
  head.method = "GET";
  head.target = "/fleet/v1/node/stream";
  head.headers.add("Connection", "Upgrade");
  head.headers.add("Upgrade", "flotte-stream");
  auto answer = co_await client.send(hub, head, {}, {.first_byte = 10s});
  if (!answer) fail_with(answer.error());
  std::string line;
  http::Stream spare = (*answer)->take_stream(line);
  std::vector<char> memory(512);
  while (line.find('\n') == std::string::npos) {
    auto n = co_await spare.read_some(memory);
    if (!n || *n == 0) co_return;
    line.append(memory.data(), *n);
  }
  auto joined = co_await engine->connect();
  if (!joined) fail_with(joined.error());
  auto said = co_await spare.write("{\"ok\":true}\n");
  if (said) co_await http::join(spare, *joined);
}

int run_node(std::uint16_t port, const std::string& pin, const std::string& path, int spares) {
  Loop loop("node");
  auto tls = http::TlsContext::pinned(pin);
  if (!tls) fail_with(tls.error());
  auto hub = http::tcp_connector("127.0.0.1", port, *tls);
  auto engine = http::unix_connector(path);
  for (int i = 0; i < spares; ++i) asio::co_spawn(loop.context(), offer_spare(hub, engine), [](std::exception_ptr) {});
  std::puts("ready");
  std::fflush(stdout);
  loop.run_here();
  return 0;
}

// ---- readers ---------------------------------------------------------------------------------------------------------------------

struct Reader {
  std::uint64_t events = 0;
  std::vector<std::int64_t> delays;
};

Awaitable<void> read_events(http::Client& client, std::shared_ptr<http::Connector> to, Reader& reader, std::string key, std::string model) {
  http::RequestHead head;
  std::string body;
  head.method = "GET";
  head.target = "/events";
  if (!key.empty()) {
    head.method = "POST";
    head.target = "/v1/chat/completions";
    head.headers.add("Authorization", "Bearer " + key);
    head.headers.add("Content-Type", "application/json");
    body = R"({"model":")" + model + R"(","stream":true,"messages":[{"role":"user","content":"count"}]})";
  }
  auto answer = co_await client.send(to, head, body, {.connect = 20s});
  if (!answer) fail_with(answer.error());
  for (;;) {
    auto piece = co_await (*answer)->next();
    if (!piece) fail_with(piece.error());
    if (piece->empty()) fail_with(Error(Code::closed, "the stream ended with status " + std::to_string((*answer)->head().status)));
    const std::int64_t now = now_us();
    for (std::size_t at = piece->find("\"sent\":"); at != std::string_view::npos; at = piece->find("\"sent\":", at + 1)) {
      ++reader.events;
      reader.delays.push_back(now - std::atoll(piece->data() + at + 7));
    }
  }
}

Awaitable<void> report(Reader& reader) {
  for (;;) {
    const std::uint64_t before = reader.events;
    reader.delays.clear();
    co_await sleep_for(1s);
    std::sort(reader.delays.begin(), reader.delays.end());
    const std::int64_t middle = reader.delays.empty() ? -1 : reader.delays[reader.delays.size() / 2];
    std::printf("%llu events %llu in the last second, %lld us on the way\n", static_cast<unsigned long long>(reader.events),
                static_cast<unsigned long long>(reader.events - before), static_cast<long long>(middle));
    std::fflush(stdout);
  }
}

void read_all(Loop& loop, std::shared_ptr<http::Connector> to, int streams, const std::string& key = {}, const std::string& model = {}) {
  http::Client client(loop.executor());
  Reader reader;
  for (int i = 0; i < streams; ++i) asio::co_spawn(loop.context(), read_events(client, to, reader, key, model), [](std::exception_ptr) {});
  asio::co_spawn(loop.context(), report(reader), [](std::exception_ptr) {});
  loop.run_here();
}

// ---- hub -------------------------------------------------------------------------------------------------------------------------

/// Spares that nodes offered; a connection is one of them, asked for the engine.
class SpareConnector final : public http::Connector {
 public:
  explicit SpareConnector(Executor executor) : arrived_(executor) {}
  void park(http::Stream stream) {
    spares_.push_back(std::move(stream));
    arrived_.set();
  }
  Awaitable<Result<http::Stream>> connect() override {
    while (spares_.empty()) {
      arrived_.reset();
      co_await arrived_.wait();
    }
    http::Stream stream = std::move(spares_.front());
    spares_.pop_front();
    auto sent = co_await stream.write("{\"engine\":\"llama\"}\n");
    if (!sent) co_return pass(sent);
    std::vector<char> memory(512);
    auto n = co_await stream.read_some(memory);
    if (!n) co_return pass(n);
    if (std::string_view(memory.data(), *n) != "{\"ok\":true}\n") co_return fail(Code::corrupt, "an unexpected answer of the node");
    co_return stream;
  }
  const std::string& authority() const override { return name_; }

 private:
  std::string name_ = "llama@node";
  std::deque<http::Stream> spares_;
  Event arrived_;
};

Awaitable<void> take_spare(http::ServerCall& call, SpareConnector& spares) {
  http::ResponseHead head;
  head.headers.add("Upgrade", "flotte-stream");
  auto upgraded = co_await call.upgrade(std::move(head));
  if (upgraded) spares.park(std::move(upgraded->stream));
}

int run_hub(std::uint16_t port, const std::string& certificate, const std::string& key, int streams) {
  Loop loop("hub");
  auto tls = http::TlsContext::server(certificate, key);
  if (!tls) fail_with(tls.error());
  auto spares = std::make_shared<SpareConnector>(loop.executor());
  http::Server server(loop.executor(), [spares](http::ServerCall& call) { return take_spare(call, *spares); });
  if (auto bound = server.listen({.host = "127.0.0.1", .port = port}, *tls); !bound) fail_with(bound.error());
  read_all(loop, spares, streams);
  return 0;
}

int run_client(std::uint16_t port, const std::string& pin, int streams, const std::string& key, const std::string& model) {
  Loop loop("client");
  auto tls = http::TlsContext::pinned(pin);
  if (!tls) fail_with(tls.error());
  read_all(loop, http::tcp_connector("127.0.0.1", port, *tls), streams, key, model);
  return 0;
}

}  // namespace
}  // namespace flotte

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto port = [&args](std::size_t i) { return static_cast<std::uint16_t>(std::stoi(args[i])); };
  if (args.size() == 3 && args[0] == "source") return flotte::run_source(args[1], std::stoi(args[2]));
  if (args.size() == 5 && args[0] == "node") return flotte::run_node(port(1), args[2], args[3], std::stoi(args[4]));
  if (args.size() == 5 && args[0] == "hub") return flotte::run_hub(port(1), args[2], args[3], std::stoi(args[4]));
  if (args.size() == 4 && args[0] == "client") return flotte::run_client(port(1), args[2], std::stoi(args[3]), {}, {});
  if (args.size() == 6 && args[0] == "client") return flotte::run_client(port(1), args[2], std::stoi(args[3]), args[4], args[5]);
  std::fputs("usage: see the first lines of bench/path/stream_relay.cpp\n", stderr);
  return 2;
}
