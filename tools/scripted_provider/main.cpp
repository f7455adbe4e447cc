// scripted_provider [--host IP] [--port N] [--key KEY] [--scenario NAME]: the scripted provider as a program, until it is told to stop.
#include <signal.h>

#include <charconv>
#include <cstdio>
#include <string>

#include "base/async/loop.hpp"
#include "scripted_provider.hpp"

namespace {

struct Arguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  flotte::scripted::Options options;
  bool valid = true;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    if (i + 1 == count)
      arguments.valid = false;
    else if (const std::string_view value = values[i + 1]; name == "--port")
      std::from_chars(value.data(), value.data() + value.size(), arguments.port);
    else if (name == "--host")
      arguments.host = value;
    else if (name == "--key")
      arguments.options.key = value;
    else if (name == "--scenario")
      arguments.options.scenario = value;
    else
      arguments.valid = false;
  }
  return arguments;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments = parse(count, values);
  if (!arguments.valid) {
    std::fputs("usage: scripted_provider [--host IP] [--port N] [--key KEY] [--scenario NAME]\n", stderr);
    return 2;
  }
  flotte::Loop loop("scripted");
  flotte::scripted::ScriptedProvider provider(loop.executor(), arguments.options);
  flotte::http::Server server(loop.executor(), [&provider](flotte::http::ServerCall& call) { return provider.handle(call); });
  const auto port = server.listen({.host = arguments.host, .port = arguments.port});
  if (!port) {
    std::fprintf(stderr, "scripted_provider: %s\n", port.error().text().c_str());
    return 1;
  }
  std::printf("scripted provider, simulated: http://%s:%u\n", arguments.host.c_str(), static_cast<unsigned>(*port));
  std::fflush(stdout);
  signal(SIGPIPE, SIG_IGN);
  loop.run_here();
  return 0;
}
