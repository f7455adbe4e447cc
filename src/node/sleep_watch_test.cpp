// A machine that goes to sleep, by a logind made for the test on a bus of its own.
#include "node/sleep_watch.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "base/process/process_test.hpp"
#include "base/process/spawn.hpp"
#include "base/temporary_directory.hpp"

namespace flotte::node {
namespace {

/// dbus-daemon with a configuration of its own; DBUS_SYSTEM_BUS_ADDRESS points there.
class Bus {
 public:
  Bus() {
    const std::string socket = directory_.path + "/bus", config = directory_.path + "/bus.conf";
    std::ofstream(config)
        << "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" "
           "\"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\"><busconfig><type>session</type><listen>unix:path="
        << socket
        << "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
           "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>";
    SpawnSpec spec;
    spec.argv = {"dbus-daemon", "--nofork", "--config-file=" + config};
    if (auto pid = spawn(spec)) pid_ = *pid;
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + socket).c_str(), 1);
    up_ = pid_ > 0 && eventually([&] { return ::access(socket.c_str(), F_OK) == 0; });
  }
  ~Bus() {
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  bool up() const { return up_; }

 private:
  TemporaryDirectory directory_;
  pid_t pid_ = -1;
  bool up_ = false;
};

struct sd_bus;
struct sd_bus_message;

/// org.freedesktop.login1 with what a node asks of it: a delay lock, whose release it notices, and two signals.
class FakeLogind {
 public:
  FakeLogind() {
    void* handle = ::dlopen("libsystemd.so.0", RTLD_NOW);
    const auto find = [handle](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
    };
    find(open_, "sd_bus_open_system");
    find(request_, "sd_bus_request_name");
    find(filter_, "sd_bus_add_filter");
    find(is_call_, "sd_bus_message_is_method_call");
    find(reply_, "sd_bus_reply_method_return");
    find(emit_, "sd_bus_emit_signal");
    find(process_, "sd_bus_process");
    find(wait_, "sd_bus_wait");
    find(close_, "sd_bus_flush_close_unref");
    ready_ =
        open_(&bus_) >= 0 && request_(bus_, "org.freedesktop.login1", 0) >= 0 && filter_(bus_, nullptr, &FakeLogind::on_message, this) >= 0;
    thread_ = std::thread([this] { run(); });
  }
  ~FakeLogind() {
    over_ = true;
    thread_.join();
    close_(bus_);
  }
  bool ready() const { return ready_; }
  int locks() const { return locks_; }
  /// The signal, sent by the bus's own thread.
  void say(const char* signal, bool begins) {
    begins_ = begins;
    signal_ = signal;
    eventually([this] { return signal_ == nullptr; });
  }
  /// Whether nobody holds a lock any more: then a machine would sleep.
  bool released() {
    pollfd polled{lock_.get(), 0, 0};
    return lock_ && ::poll(&polled, 1, 0) == 1 && (polled.revents & (POLLHUP | POLLERR)) != 0;
  }

 private:
  void run() {
    while (!over_) {
      while (process_(bus_, nullptr) > 0) {
      }
      if (const char* signal = signal_) {
        emit_(bus_, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", signal, "b", begins_.load() ? 1 : 0);
        signal_ = nullptr;
      }
      wait_(bus_, 5'000);
    }
  }
  static int on_message(sd_bus_message* message, void* self, void*) {
    FakeLogind& logind = *static_cast<FakeLogind*>(self);
    if (logind.is_call_(message, "org.freedesktop.login1.Manager", "Inhibit") <= 0) return 0;
    auto pipe = make_pipe();
    logind.lock_ = std::move(pipe->read_end);
    ++logind.locks_;
    return logind.reply_(message, "h", pipe->write_end.get());
  }
  int (*open_)(sd_bus**) = nullptr;
  int (*request_)(sd_bus*, const char*, std::uint64_t) = nullptr;
  int (*filter_)(sd_bus*, void**, int (*)(sd_bus_message*, void*, void*), void*) = nullptr;
  int (*is_call_)(sd_bus_message*, const char*, const char*) = nullptr;
  int (*reply_)(sd_bus_message*, const char*, ...) = nullptr;
  int (*emit_)(sd_bus*, const char*, const char*, const char*, const char*, ...) = nullptr;
  int (*process_)(sd_bus*, sd_bus_message**) = nullptr;
  int (*wait_)(sd_bus*, std::uint64_t) = nullptr;
  sd_bus* (*close_)(sd_bus*) = nullptr;
  sd_bus* bus_ = nullptr;
  Descriptor lock_;
  std::atomic<int> locks_{0};
  std::atomic<bool> over_{false}, begins_{false};
  std::atomic<const char*> signal_{nullptr};
  bool ready_ = false;
  std::thread thread_;
};

bool has_parts() {
  void* library = ::dlopen("libsystemd.so.0", RTLD_NOW);
  return library && find_program("dbus-daemon");
}

TEST(SleepWatch, HoldsTheMachineUntilTheHubKnowsAndTellsWhenItIsAwake) {
  if (!has_parts()) GTEST_SKIP() << "needs dbus-daemon and libsystemd";
  Bus bus;
  ASSERT_TRUE(bus.up());
  FakeLogind logind;
  ASSERT_TRUE(logind.ready());
  std::atomic<int> slept{0}, woke{0}, shut{0};
  std::atomic<bool> held{false};
  SleepWatch watch({.before_sleep =
                        [&] {
                          held = !logind.released();
                          ++slept;
                        },
                    .after_sleep = [&] { ++woke; },
                    .before_shutdown = [&] { ++shut; }});
  ASSERT_TRUE(eventually([&] { return watch.watching(); }));
  EXPECT_EQ(logind.locks(), 1);
  logind.say("PrepareForSleep", true);
  ASSERT_TRUE(eventually([&] { return slept == 1; }));
  EXPECT_TRUE(held) << "the machine waits while the hub is told";
  EXPECT_TRUE(eventually([&] { return logind.released(); })) << "and then it may sleep";
  logind.say("PrepareForSleep", false);
  ASSERT_TRUE(eventually([&] { return woke == 1; }));
  EXPECT_EQ(logind.locks(), 2) << "for the next time";
  logind.say("PrepareForShutdown", true);
  EXPECT_TRUE(eventually([&] { return shut == 1; }));
  EXPECT_FALSE(logind.released()) << "the node has its time until it ends";
}

TEST(SleepWatch, IsQuietWhereThereIsNoLogind) {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
  {
    SleepWatch watch(
        {.before_sleep = [] { ADD_FAILURE(); }, .after_sleep = [] { ADD_FAILURE(); }, .before_shutdown = [] { ADD_FAILURE(); }});
    EXPECT_FALSE(watch.watching());
  }
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

}  // namespace
}  // namespace flotte::node
