// A provider and its clients, as small as they can be, for the gateway's measurements. Simulated: it says nothing but "token".
//   gateway_load source PORT RATE FIRST_MS            chat completions: whole answers, and streams of RATE events a second (0: one, then
//                                                     silence), each begun after FIRST_MS
//   gateway_load streams PORT PATH KEY MODEL COUNT    COUNT streams at once; prints the number of events so far each second
//   gateway_load first PORT KEY MODEL COUNT GAP_MS    one stream after the other; prints the time to the first content at the median, the
//                                                     95th and the 99th percentile, in microseconds
#include <cstdio>
#include <vector>

#include "base/async/loop.hpp"
#include "base/async/wait.hpp"
#include "http/client.hpp"
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

constexpr std::string_view answer =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant",)"
    R"("content":"word word word word"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":4,"total_tokens":204}})";
constexpr std::string_view event =
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":\" token\"},\"finish_reason\":null}]}\n\n";
constexpr std::string_view last =
    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,"
    "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

struct Source {
  std::chrono::microseconds period{0};
  std::chrono::milliseconds first{0};
  int number = 0;
};

Awaitable<void> wait_until(Timer& timer, std::chrono::steady_clock::time_point when) {
  timer.expires_at(when);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
}

Awaitable<void> stream(http::ServerCall& call, Source& source, bool endless) {
  http::ResponseHead head;
  head.headers.add("Content-Type", "text/event-stream");
  (void)co_await call.start(std::move(head));
  Timer timer(call.executor());
  auto next = std::chrono::steady_clock::now();
  // Streams are spread over the period, so that events come one by one and not in bursts.
  if (source.period.count() > 0) next += source.period * (source.number++ % 97) / 97;
  for (bool here = true; here;) {
    auto written = co_await call.write(event);
    here = written.has_value() && endless;
    next += source.period.count() > 0 ? source.period : std::chrono::microseconds(1h);
    if (here) co_await wait_until(timer, next);
  }
  if (endless) co_return;
  (void)co_await call.write(last);
  (void)co_await call.finish();
}

Awaitable<void> answer_call(http::ServerCall& call, Source& source) {
  http::ResponseHead head;
  head.headers.add("Content-Type", "application/json");
  if (call.head().path() == "/v1/models") {
    (void)co_await call.respond(std::move(head), R"({"object":"list","data":[{"id":"m","object":"model"}]})");
    co_return;
  }
  auto body = co_await call.read_body();
  if (!body) co_return;
  if (source.first.count() > 0) {
    Timer timer(call.executor());
    co_await wait_until(timer, std::chrono::steady_clock::now() + source.first);
  }
  if (body->find("\"stream\":true") != std::string::npos)
    co_await stream(call, source, body->find("endless") != std::string::npos);
  else
    (void)co_await call.respond(std::move(head), answer);
}

int run_source(std::uint16_t port, int rate, int first_ms) {
  Loop loop("source");
  Source source;
  if (rate > 0) source.period = std::chrono::microseconds(1'000'000 / rate);
  source.first = std::chrono::milliseconds(first_ms);
  http::Server server(loop.executor(), [&source](http::ServerCall& call) { return answer_call(call, source); });
  if (auto bound = server.listen({.host = "127.0.0.1", .port = port}); !bound) fail_with(bound.error());
  loop.run_here();
  return 0;
}

struct Asking {
  std::string path, key, model, word;
  std::uint64_t events = 0, ended = 0;
};

Awaitable<Result<std::unique_ptr<http::ClientCall>>> ask(http::Client& client, std::shared_ptr<http::Connector> to, const Asking& asking) {
  http::RequestHead head;
  head.method = "POST";
  head.target = asking.path;
  head.headers.add("Authorization", "Bearer " + asking.key);
  head.headers.add("Content-Type", "application/json");
  std::string body = R"({"model":")" + asking.model + R"(","stream":true,"max_tokens":100,"messages":[{"role":"user","content":")";
  body += asking.word + " count\"}]}";
  auto answered = co_await client.send(to, head, body, {.connect = 20s});
  co_return answered;
}

Awaitable<void> read_events(http::Client& client, std::shared_ptr<http::Connector> to, Asking& asking) {
  auto call = co_await ask(client, to, asking);
  if (!call) fail_with(call.error());
  for (;;) {
    auto piece = co_await (*call)->next();
    if (!piece) fail_with(piece.error());
    if (piece->empty()) fail_with(Error(Code::closed, "the stream ended with status " + std::to_string((*call)->head().status)));
    for (std::size_t at = piece->find("data:"); at != std::string_view::npos; at = piece->find("data:", at + 5)) ++asking.events;
  }
}

Awaitable<void> report(Asking& asking) {
  for (;;) {
    (void)co_await sleep_for(1s);
    std::printf("%llu events\n", static_cast<unsigned long long>(asking.events));
    std::fflush(stdout);
  }
}

int run_streams(std::uint16_t port, Asking asking, int count) {
  Loop loop("streams");
  asking.word = "endless";
  http::Client client(loop.executor());
  auto to = http::tcp_connector("127.0.0.1", port);
  for (int i = 0; i < count; ++i) asio::co_spawn(loop.context(), read_events(client, to, asking), [](std::exception_ptr) {});
  asio::co_spawn(loop.context(), report(asking), [](std::exception_ptr) {});
  loop.run_here();
  return 0;
}

Awaitable<void> time_firsts(Loop& loop, http::Client& client, std::shared_ptr<http::Connector> to, Asking& asking, int count, int gap_ms) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < count; ++i) {
    const std::int64_t begun = now_us();
    auto call = co_await ask(client, to, asking);
    if (!call) fail_with(call.error());
    bool first = true;
    for (bool more = true; more;) {
      auto piece = co_await (*call)->next();
      if (!piece) fail_with(piece.error());
      if (first && piece->find("token") != std::string_view::npos) {
        times.push_back(now_us() - begun);
        first = false;
      }
      more = !piece->empty();
    }
    (void)co_await sleep_for(std::chrono::milliseconds(gap_ms));
  }
  std::sort(times.begin(), times.end());
  const auto at = [&times](double part) {
    return times.empty() ? -1 : times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  std::printf("%lld %lld %lld\n", static_cast<long long>(at(0.5)), static_cast<long long>(at(0.95)), static_cast<long long>(at(0.99)));
  std::fflush(stdout);
  loop.stop();
}

int run_first(std::uint16_t port, Asking asking, int count, int gap_ms) {
  Loop loop("first");
  http::Client client(loop.executor());
  auto to = http::tcp_connector("127.0.0.1", port);
  asio::co_spawn(loop.context(), time_firsts(loop, client, to, asking, count, gap_ms), [](std::exception_ptr) {});
  loop.run_here();
  return 0;
}

}  // namespace
}  // namespace flotte

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto number = [&args](std::size_t i) { return std::stoi(args[i]); };
  const auto port = [&number](std::size_t i) { return static_cast<std::uint16_t>(number(i)); };
  const std::string what = args.empty() ? "" : args[0];
  if (what == "source" && args.size() == 4) return flotte::run_source(port(1), number(2), number(3));
  if (what == "streams" && args.size() == 6)
    return flotte::run_streams(port(1), {.path = args[2], .key = args[3], .model = args[4], .word = {}}, number(5));
  if (what == "first" && args.size() == 6)
    return flotte::run_first(port(1), {.path = "/v1/chat/completions", .key = args[2], .model = args[3], .word = {}}, number(4), number(5));
  std::fputs("usage: see the first lines of bench/gateway/gateway_load.cpp\n", stderr);
  return 2;
}
