// Threads that run an io_context.
#include "base/async/loop.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/log.hpp"

namespace flotte {

Loop::Loop(std::string name) : name_(std::move(name)), guard_(asio::make_work_guard(context_)) {}

Loop::~Loop() {
  stop();
  join();
}

void Loop::start() {
  thread_ = std::thread([this] { run_here(); });
}

void Loop::run_here() {
  ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
  for (;;) {
    // The last fence: an exception that nobody caught is logged once, and the other connections of this loop go on.
    try {
      context_.run();
      return;
    } catch (const std::exception& e) {
      log::error("exception on a loop", {{"loop", name_}, {"what", e.what()}});
    }
  }
}

void Loop::stop() {
  guard_.reset();
  context_.stop();
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

void Loop::post(std::function<void()> work) { asio::post(context_, std::move(work)); }

}  // namespace flotte
