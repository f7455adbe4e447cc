// A thread in sigtimedwait.
#include "cli/interrupt.hpp"

#include <unistd.h>
#include <csignal>
#include <ctime>

#include "cli/failure.hpp"

namespace flotte::cli {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR2);  // sent by the destructor to this thread alone
  return set;
}

}  // namespace

InterruptWatch::InterruptWatch(std::function<void()> on_first) {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this, on_first = std::move(on_first)] { watch(on_first); });
}

InterruptWatch::~InterruptWatch() {
  ended_ = true;
  pthread_kill(thread_.native_handle(), SIGUSR2);
  thread_.join();
}

void InterruptWatch::watch(const std::function<void()>& on_first) {
  const sigset_t set = watched_signals();
  bool asked = false;
  while (!ended_) {
    const int got = ::sigwaitinfo(&set, nullptr);
    if (got != SIGINT && got != SIGTERM) continue;
    if (asked) ::_exit(status::interrupted);
    asked = true;
    on_first();
  }
}

}  // namespace flotte::cli
