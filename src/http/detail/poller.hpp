// Readiness of this module's sockets: one edge-triggered epoll set for each loop, looked at in turns. A turn first reads every socket
// that has something, then lets those run that wait for it, then sends what they have left: a hundred small messages cost a hundred
// reads and a hundred writes and not one call that finds nothing. The set itself is one descriptor among those of the io_context.
#pragma once
#include <cstdint>
#include <vector>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/async/types.hpp"
#include "http/detail/parking.hpp"

namespace flotte::http::detail {

class Poller;

/// Told in the three parts of a turn. It may end itself, and others, only in `on_ready`.
class Watcher {
 public:
  /// Takes the bytes that have come; calls nobody.
  virtual void receive() = 0;
  /// Tells what came, and goes on with what could not be sent before.
  virtual void on_ready() = 0;
  /// Sends what was kept for the end of the turn.
  virtual void end_turn() = 0;

 protected:
  ~Watcher() = default;
};

/// One socket's readiness. Owned by its stream; used on the loop of its executor. Not registered until somebody waits.
class Watch {
 public:
  Watch(Executor executor, int socket);
  ~Watch() { leave(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Registers it; what is there already is told in the next turn. False where the system refuses (errno).
  bool enter();
  /// Takes it out of its loop. It may then be destroyed on another thread.
  void leave() noexcept;
  bool entered() const noexcept { return entered_; }
  /// Reading is worth a system call: something came, the peer has ended, or nobody knows.
  bool may_read() const noexcept { return readable || hung_up || !entered_; }
  /// After a call that took less than it could have.
  void emptied() noexcept { readable = false; }
  /// `owner` is called in the next turn as if something had come.
  void look_again();
  /// `owner` is asked to flush at the end of this turn, or soon.
  void flush_soon();
  const Executor& executor() const noexcept { return executor_; }
  int socket() const noexcept { return socket_; }

  bool readable = false, writable = true;
  bool hung_up = false;       // the peer has ended its side: reading goes on until it says so
  std::uint64_t cancels = 0;  // those who waited since before the last one give up
  Watcher* owner = nullptr;
  Parking reader, writer;

 private:
  friend class Poller;
  Executor executor_;
  Poller& poller_;
  int socket_;
  bool entered_ = false;
  bool flushing_ = false, again_ = false;  // stands in that list
};

/// One per io_context.
class Poller final : public asio::execution_context::service {
 public:
  using key_type = Poller;
  static asio::execution_context::id id;
  static Poller& of(const Executor& executor);
  explicit Poller(asio::execution_context& context);

 private:
  friend class Watch;
  void shutdown() override;
  bool add(Watch& watch);
  void remove(Watch& watch) noexcept;
  void turn_soon();
  void arm();
  void turn();
  void collect();
  void run_ready();
  void run_flushes();
  struct EndOfTurn;

  Executor executor_;
  asio::posix::basic_stream_descriptor<Executor> set_;
  std::vector<Watch*> ready_, flush_, again_;  // null: it has left
  std::size_t watched_ = 0;
  std::size_t next_ready_ = 0;
  bool armed_ = false, posted_ = false, turning_ = false, over_ = false;
  bool busy_ = false;  // the last look found much: look again without being told
};

}  // namespace flotte::http::detail
