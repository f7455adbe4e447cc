// Child processes on an event loop: started fast, waited for without a thread, ended with their whole group.
#pragma once
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "base/process/spawn.hpp"

namespace flotte {

using PipeEnd = asio::posix::basic_stream_descriptor<Executor>;

/// Where a child's output goes.
struct Sink {
  enum class Kind { null, pipe, file };
  Kind kind = Kind::null;
  std::string path;  // of a file: made with mode 0600, appended to
};

struct ChildSpec {
  std::vector<std::string> argv;
  std::optional<std::vector<std::string>> env;  // "NAME=value"; absent: this process's
  std::string cwd;
  bool input_pipe = false;  // otherwise standard input is empty
  Sink out, err;
  ProcessLimits limits;
};

/// A running child in a session of its own. It is killed when the loop's thread that started it ends, however that happens. All calls on
/// one loop's thread. Destroying it before `wait` returned kills its group and reaps it.
class Child {
 public:
  /// Errors: as `spawn`.
  static Result<Child> start(Executor executor, const ChildSpec& spec);
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  pid_t pid() const noexcept;
  /// Its end; once. Cancelled: `cancelled`, and the child goes on.
  Awaitable<Result<ExitStatus>> wait();
  /// To its process group; nothing happens where it has ended.
  void signal(int number);
  /// SIGTERM to the group, after `grace` SIGKILL; then waits for the end.
  Awaitable<Result<ExitStatus>> end(std::chrono::milliseconds grace);
  /// The pipes that were asked for; null otherwise.
  PipeEnd* in();
  PipeEnd* out();
  PipeEnd* err();
  /// Tells the child that its input is complete.
  void close_input();

 private:
  struct State;
  explicit Child(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// For short helpers such as pdftotext.
struct ChildLimits {
  std::chrono::milliseconds time{60'000};
  std::size_t output_bytes = 64 * 1024 * 1024;
  std::size_t error_bytes = 8 * 1024;  // of standard error the last ones are kept
};
struct ChildOutput {
  ExitStatus status;
  std::string out, err;
};
/// Runs to the end, with `input` on standard input. Whatever status it ends with is a success here.
/// Errors: as `spawn`; deadline; too_large (more output than allowed); cancelled. On an error its whole group has been killed.
Awaitable<Result<ChildOutput>> run_child(ChildSpec spec, ChildLimits limits, std::string input = {});

}  // namespace flotte
