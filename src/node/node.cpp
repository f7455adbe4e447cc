// From the command line to a running node and back.
#include "node/node.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "base/async/blocking.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/process/open_files.hpp"
#include "base/process/spawn.hpp"
#include "node/agent.hpp"
#include "node/config.hpp"
#include "node/membership.hpp"

namespace flotte::node {
namespace {

using namespace std::chrono_literals;
constexpr auto enrol_patience = 10s;  // a hub that is started at the same moment

int exit_status(Code code) {
  switch (code) {
    case Code::invalid_argument:
    case Code::not_found:
    case Code::conflict: return 2;
    case Code::unavailable:
    case Code::deadline:
    case Code::closed: return 3;
    case Code::unauthenticated:
    case Code::forbidden: return 4;
    default: return 1;
  }
}

int give_up(const Error& error) {
  fmt::print(stderr, "flotte node: {}\n", error.text());
  return exit_status(error.code);
}

/// One attempt; the client lives and dies on its loop.
Awaitable<void> try_enrol(Executor executor, Invitation invitation, std::string name, std::string public_key,
                          std::shared_ptr<Result<Membership>> answer) {
  http::Client client(executor);
  *answer = co_await enrol(client, std::move(invitation), std::move(name), std::move(public_key));
  client.close();
}

Result<Membership> enrol_once(const Invitation& invitation, const std::string& name, const SigningKey& key) {
  Loop loop("enrol");
  loop.start();
  const auto end = std::chrono::steady_clock::now() + enrol_patience;
  for (;;) {
    auto answer = std::make_shared<Result<Membership>>(fail(Code::unavailable, "no hub reached at " + invitation.url));
    run_blocking(loop.executor(), try_enrol(loop.executor(), invitation, name, key.public_key(), answer), 60s);
    if (*answer || answer->error().code != Code::unavailable || std::chrono::steady_clock::now() > end) return *answer;
    std::this_thread::sleep_for(500ms);
  }
}

/// Where this machine belongs: as it was, or newly joined.
Result<Membership> find_membership(const NodeOptions& options, const NodeConfig& config, const SigningKey& key) {
  const std::string directory = config.directory();
  auto known = Membership::load(directory);
  if (!known && options.join.empty()) return pass(known);
  if (options.join.empty()) {
    if (*known) return std::move(**known);
    return fail(Code::invalid_argument, "this machine is no node yet",
                "on the hub: flotte node invite; here: flotte node run --join 'URL#CODE'");
  }
  auto invitation = Invitation::parse(options.join);
  if (!invitation) return pass(invitation);
  const bool was_here = known && *known && (*known)->hub_url == invitation->url;
  auto joined = enrol_once(*invitation, config.name, key);
  if (!joined) {
    // The same command line may be run again and again: its code is used up, and the machine is a node already.
    const bool refused_code = joined.error().code != Code::forbidden && joined.error().code != Code::invalid_argument;
    if (was_here && refused_code) return std::move(**known);
    return joined;
  }
  // What an earlier hub has not acknowledged means nothing to this one.
  std::error_code ignored;
  std::filesystem::remove_all(directory + "/spool", ignored);
  if (auto saved = joined->save(directory); !saved) return pass(saved);
  log::info("joined", {{"hub", joined->hub_url}, {"node", joined->node_name}});
  return joined;
}

void say_to_terminal(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  (void)std::fflush(stderr);
}

/// Blocks until a signal asks for the end, or the hub does: that arrives as a signal too. SIGTERM is how a service is restarted, for an
/// upgrade say, so commands outlive it for one lease; a person's Ctrl-C ends everything.
work::Away wait_for_signal(const sigset_t& awaited) {
  int number = 0;
  do ::sigwait(&awaited, &number);
  while (number == SIGHUP);
  return number == SIGTERM ? work::Away::restarts : work::Away::ends;
}

/// From now on a second signal ends the process at once.
void insist(const sigset_t& awaited) {
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, [](int) { ::_exit(130); });
  ::pthread_sigmask(SIG_UNBLOCK, &awaited, nullptr);
}

}  // namespace

int node_main(const NodeOptions& options) {
  ignore_broken_pipes();
  raise_open_files();  // two for each stream to an engine
  // On a terminal sentences stand for the lines of a log.
  const bool talks = ::isatty(STDERR_FILENO) == 1 && environment("FLOTTE_LOG").empty();
  if (talks) log::set_level(log::Level::warning);
  auto config = NodeConfig::load(options);
  if (!config) return give_up(config.error());
  for (const std::string& warning : config->warnings) log::warning(warning);
  if (auto made = make_directories(config->directory()); !made) return give_up(made.error());
  sigset_t awaited;
  ::sigemptyset(&awaited);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&awaited, number);
  auto key = load_identity(config->directory());
  if (!key) return give_up(key.error());
  auto membership = find_membership(options, *config, *key);
  if (!membership) return give_up(membership.error());
  auto hub = HubAddress::make(membership->hub_url, membership->pin);
  if (!hub) return give_up(hub.error());

  // Before any thread is made, so that all of them leave these signals to this one.
  ::pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  std::mutex mutex;
  std::optional<Error> ended;
  bool stopping = false;
  auto on_end = [&](Error error) {
    std::lock_guard lock(mutex);
    if (ended || stopping) return;
    ended = std::move(error);
    ::kill(::getpid(), SIGTERM);
  };
  Agent agent(std::move(*config), std::move(*membership), std::move(*key), std::move(*hub), on_end,
              talks ? Agent::Say(say_to_terminal) : Agent::Say());
  if (auto started = agent.start(); !started) {
    agent.stop();
    return give_up(started.error());
  }
  work::Away how = wait_for_signal(awaited);
  {
    std::lock_guard lock(mutex);
    stopping = true;
    if (ended) how = work::Away::ends;
  }
  ::signal(SIGHUP, SIG_IGN);
  insist(awaited);
  log::info("stopping");
  if (talks && !ended)
    say_to_terminal(how == work::Away::ends ? "Ends    what runs goes back to the hub\n"
                                            : "Ends    commands go on for a while: start the node again to keep them\n");
  agent.stop(how);
  return ended ? give_up(*ended) : 0;
}

}  // namespace flotte::node
