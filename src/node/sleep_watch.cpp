// sd-bus, loaded when the node runs: a machine without systemd lacks the library.
#include "node/sleep_watch.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "base/log.hpp"
#include "base/process/spawn.hpp"

namespace flotte::node {
namespace {

struct sd_bus;
struct sd_bus_message;
using Handler = int (*)(sd_bus_message*, void*, void*);

constexpr const char* service = "org.freedesktop.login1";
constexpr const char* path = "/org/freedesktop/login1";
constexpr const char* manager = "org.freedesktop.login1.Manager";

/// The few functions of libsystemd that are used, with the signatures of its manual.
struct Library {
  int (*open_system)(sd_bus**) = nullptr;
  int (*call_method)(sd_bus*, const char*, const char*, const char*, const char*, void*, sd_bus_message**, const char*, ...) = nullptr;
  int (*match_signal)(sd_bus*, void**, const char*, const char*, const char*, const char*, Handler, void*) = nullptr;
  int (*message_read)(sd_bus_message*, const char*, ...) = nullptr;
  sd_bus_message* (*message_unref)(sd_bus_message*) = nullptr;
  int (*process)(sd_bus*, sd_bus_message**) = nullptr;
  int (*get_fd)(sd_bus*) = nullptr;
  sd_bus* (*close_unref)(sd_bus*) = nullptr;

  bool load() {
    // Never closed: the library keeps threads' data of its own.
    void* handle = ::dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!handle) return false;
    const auto find = [handle](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
      return function != nullptr;
    };
    return find(open_system, "sd_bus_open_system") && find(call_method, "sd_bus_call_method") &&
           find(match_signal, "sd_bus_match_signal") && find(message_read, "sd_bus_message_read") &&
           find(message_unref, "sd_bus_message_unref") && find(process, "sd_bus_process") && find(get_fd, "sd_bus_get_fd") &&
           find(close_unref, "sd_bus_flush_close_unref");
  }
};

}  // namespace

struct SleepWatch::State {
  explicit State(Calls c) : calls(std::move(c)), stop(::eventfd(0, EFD_CLOEXEC)) {}

  /// Until `stop`, or there is nothing to watch.
  void run() {
    if (!library.load() || library.open_system(&bus) < 0) return;
    const bool good = hold() && listen("PrepareForSleep", &State::on_sleep) && listen("PrepareForShutdown", &State::on_shutdown);
    watching = good;
    if (good) log::debug("logind tells when this machine goes to sleep");
    while (good && step()) {
    }
    watching = false;
    lock.reset();
    library.close_unref(bus);
  }
  bool step() {
    int more = 1;
    while (more > 0) more = library.process(bus, nullptr);
    if (more < 0) return false;
    pollfd polled[] = {{library.get_fd(bus), POLLIN, 0}, {stop.get(), POLLIN, 0}};
    ::poll(polled, 2, -1);
    return polled[1].revents == 0;
  }
  /// The lock that makes the machine wait for us. False where logind does not give it.
  bool hold() {
    sd_bus_message* reply = nullptr;
    const int asked = library.call_method(bus, service, path, manager, "Inhibit", nullptr, &reply, "ssss", "sleep:shutdown", "flotte",
                                          "tells the hub that this node sleeps", "delay");
    if (asked < 0) return false;
    int fd = -1;
    if (library.message_read(reply, "h", &fd) > 0) lock = Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    library.message_unref(reply);
    return static_cast<bool>(lock);
  }
  bool listen(const char* signal, Handler handler) {
    return library.match_signal(bus, nullptr, service, path, manager, signal, handler, this) >= 0;
  }
  static int on_sleep(sd_bus_message* message, void* self, void*) {
    State& state = *static_cast<State*>(self);
    int begins = 0;
    if (state.library.message_read(message, "b", &begins) <= 0) return 0;
    if (begins != 0) {
      state.calls.before_sleep();
      state.lock.reset();
    } else {
      state.hold();
      state.calls.after_sleep();
    }
    return 0;
  }
  static int on_shutdown(sd_bus_message* message, void* self, void*) {
    State& state = *static_cast<State*>(self);
    int begins = 0;
    // The lock goes with the process, which has its time until then.
    if (state.library.message_read(message, "b", &begins) > 0 && begins != 0) state.calls.before_shutdown();
    return 0;
  }

  Calls calls;
  Library library;
  sd_bus* bus = nullptr;
  Descriptor lock, stop;
  std::atomic<bool> watching{false};
  std::thread thread;
};

SleepWatch::SleepWatch(Calls calls) : state_(std::make_unique<State>(std::move(calls))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

SleepWatch::~SleepWatch() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(state_->stop.get(), &one, sizeof one);
  state_->thread.join();
}

bool SleepWatch::watching() const { return state_->watching; }

}  // namespace flotte::node
