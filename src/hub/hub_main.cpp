// `flotte hub` and `flotte up`: from the command line to a running hub and back.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

constexpr int failed = 1, wrong_usage = 2;

int complain(const Error& error) {
  fmt::print(stderr, "flotte: {}\n", error.text());
  return error.code == Code::invalid_argument || error.code == Code::not_found || error.code == Code::unsupported ? wrong_usage : failed;
}

/// What a person at a terminal wants to know; a service writes it to its log.
void greet(Hub& hub) {
  log::info("hub ready", {{"url", hub.url()}, {"data", hub.config().data}, {"pid", ::getpid()}});
  if (::isatty(STDOUT_FILENO) == 0) return;
  fmt::print("The board: {}/  (key: {})\n", hub.url(), hub.config().data + "/admin.key");
  fmt::print("Next: flotte node invite        adds a machine\n      flotte ask \"Say hello\"      asks the model named default\n");
  (void)std::fflush(stdout);
}

}  // namespace

int hub_main(const HubOptions& options) {
  // Every thread inherits the mask; the main thread alone takes the signals, in sigwait.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int s : {SIGINT, SIGTERM}) ::sigaddset(&signals, s);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto config = HubConfig::load(options);
  if (!config) return complain(config.error());
  for (const std::string& warning : config->warnings) log::warning("configuration", {{"note", warning}});
  auto hub = Hub::open(std::move(*config));
  if (!hub) return complain(hub.error());
  if (auto started = (*hub)->start(); !started) return complain(started.error());
  greet(**hub);
  int signal = 0;
  ::sigwait(&signals, &signal);
  log::info("hub stops", {{"signal", signal}});
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // a second signal ends it at once
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  (*hub)->stop();
  return 0;
}

}  // namespace flotte::hub
