// `flotte hub` and `flotte up`: from the command line to a running hub and back.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <set>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/process/browser.hpp"
#include "base/process/open_files.hpp"
#include "hub/greeting.hpp"
#include "hub/hub.hpp"
#include "hub/idle_memory.hpp"

namespace flotte::hub {
namespace {

using namespace std::chrono_literals;
constexpr int failed = 1, wrong_usage = 2;
constexpr auto greeting_patience = 2'000ms;  // for what is starting: after that it is told as it is
constexpr auto greeting_step = 20ms;
constexpr auto news_step = 1'000ms;

int complain(const Error& error) {
  fmt::print(stderr, "flotte: {}\n", error.text());
  return error.code == Code::invalid_argument || error.code == Code::not_found || error.code == Code::unsupported ? wrong_usage : failed;
}

/// To whoever started it: a terminal, or a file where that is redirected to one.
class Host {
 public:
  Host(Hub& hub, const HubOptions& options) : hub_(hub), terminal_(::isatty(STDOUT_FILENO) == 1) {
    facts_.find = options.find;
    facts_.data = hub.config().data;
    facts_.config = options.config.empty() ? default_config_file() : options.config;
    facts_.keys = hub.config().keys;
    if (options.find) facts_.agents = find_agents();
    talks_ = terminal_ || options.find;
  }

  /// Waits a moment for what was found to be ready, so that the names are right at once.
  void greet(bool open) {
    const auto end = std::chrono::steady_clock::now() + greeting_patience;
    do {
      facts_.sight = hub_.look();
      if (is_settled(facts_)) break;
      std::this_thread::sleep_for(greeting_step);
    } while (std::chrono::steady_clock::now() < end);
    const std::string code = terminal_ || open ? hub_.make_admin_code() : std::string();
    // On this machine loopback speaks plain HTTP, which needs no trust; others come by TLS.
    const std::string address = hub_.local_url() + "/";
    if (hub_.local_url() != hub_.url()) facts_.network = hub_.url() + "/";
    facts_.has_code = terminal_ && !code.empty();
    facts_.board = facts_.has_code ? address + "#code=" + code : address;
    remember();
    if (talks_) say(make_greeting(facts_));
    if (!open) return;
    // A code is good once: the browser has its own where the terminal shows one.
    if (auto opened = open_browser(address + "#code=" + (facts_.has_code ? hub_.make_admin_code() : code)); !opened)
      fmt::print(stderr, "flotte: {}\n", opened.error().text());
  }

  /// What has changed since: an engine that became ready, a model that was dropped in.
  void tell_news() {
    if (!talks_) return;
    facts_.sight = hub_.look();
    for (const std::string& line : describe_found(facts_))
      if (said_.insert(line).second) say(line + "\n");
    for (const std::string& line : describe_names(facts_))
      if (said_.insert(line).second) say(line + "\n");
  }

 private:
  void remember() {
    for (auto& line : describe_found(facts_)) said_.insert(std::move(line));
    for (auto& line : describe_names(facts_)) said_.insert(std::move(line));
    if (said_.size() > 10'000) said_.clear();
  }
  static void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    (void)std::fflush(stdout);
  }

  Hub& hub_;
  bool terminal_, talks_ = false;
  GreetingFacts facts_;
  std::set<std::string> said_;
};

/// Tells commands on this machine where the hub is, whatever address it was given; gone when it ends.
class AddressFile {
 public:
  AddressFile(const std::string& data, const std::string& url) : path_(data + "/hub.address") {
    if (auto written = replace_file(path_, url + "\n", 0644, Durability::crash); !written)
      log::warning("commands on this machine need --url", {{"why", written.error().text()}});
  }
  ~AddressFile() { ::unlink(path_.c_str()); }
  AddressFile(const AddressFile&) = delete;
  AddressFile& operator=(const AddressFile&) = delete;

 private:
  std::string path_;
};

void reload(Hub& hub) {
  if (auto done = hub.reload(); !done)
    log::error("the configuration stays as it was: the file cannot be used", {{"why", done.error().text()}});
}

/// The number of the signal that ends the hub.
int wait_for_end(const sigset_t& signals, Hub& hub, Host& host) {
  bound_kept_memory();
  IdleMemory memory;
  for (;;) {
    const timespec step{std::chrono::duration_cast<std::chrono::seconds>(news_step).count(), 0};
    const int number = ::sigtimedwait(&signals, nullptr, &step);
    if (number == SIGHUP) {
      reload(hub);
      continue;
    }
    if (number > 0) return number;
    if (errno != EAGAIN) continue;
    host.tell_news();
    give_a_little_back();
    if (memory.is_due(processor_time())) give_memory_back();
  }
}

}  // namespace

int hub_main(const HubOptions& options) {
  // Every thread inherits the mask; the main thread alone takes the signals, in sigtimedwait.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, s);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // On a terminal the greeting says in words what lines of a log would say.
  if (options.find && ::isatty(STDERR_FILENO) == 1 && environment("FLOTTE_LOG").empty()) log::set_level(log::Level::warning);

  raise_open_files();  // two for each stream that passes
  auto config = HubConfig::load(options);
  if (!config) return complain(config.error());
  for (const std::string& warning : config->warnings) log::warning("configuration", {{"note", warning}});
  auto hub = Hub::open(std::move(*config));
  if (!hub) return complain(hub.error());
  if (auto started = (*hub)->start(); !started) return complain(started.error());
  const AddressFile address((*hub)->config().data, (*hub)->local_url());
  log::info("hub ready", {{"url", (*hub)->url()}, {"data", (*hub)->config().data}, {"pid", ::getpid()}});
  Host host(**hub, options);
  host.greet(options.open);
  const int signal = wait_for_end(signals, **hub, host);
  log::info("hub stops", {{"signal", signal}});
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // a second signal ends it at once
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  // SIGTERM is how a service is restarted, for an upgrade say; a person's Ctrl-C ends everything.
  (*hub)->stop(signal == SIGTERM ? work::Away::restarts : work::Away::ends);
  return 0;
}

}  // namespace flotte::hub
