// The database: one thread writes, in groups; a few read. No SQL statement is ever open across a suspension.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/async/answer.hpp"
#include "base/async/types.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/migration.hpp"
#include "store/operation.hpp"
#include "store/transaction.hpp"

namespace flotte::store {

namespace detail {
class Engine;
}

struct Options {
  std::string path;  // DATA/flotte.db; its directory must be there
  const Clock* clock = &system_clock();
  std::size_t readers = 2;       // threads, each with a connection of its own
  std::size_t waiting = 20'000;  // closures that may wait; more are answered `exhausted`
  std::size_t group = 256;       // closures that share one commit at most
  std::int64_t max_pages = 0;    // 4 KiB each; 0 = no limit. A full database answers `exhausted` until there is room
};

class Store {
 public:
  /// Opens or makes the database and brings it to the newest migration. Refused, each with one line that says what to do: a
  /// directory that cannot be written, a network file system, a file that is no flotte database, a database that a newer flotte
  /// wrote, another flotte that has it open.
  static Result<std::unique_ptr<Store>> open(Options options, std::vector<Migration> migrations);
  /// In memory, without threads: a closure runs, commits and is answered before the call returns. For tests and the simulator.
  static std::unique_ptr<Store> inline_for_tests(const Clock& clock, std::vector<Migration> migrations);
  /// As `close`.
  ~Store();
  /// Runs what was given before, answers all, then ends the threads; what comes later is answered `closed`. Call it while the loops
  /// that await answers still live. Not from a loop that serves answers of others.
  void close();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Runs `body` on the writer in a savepoint of the current group's transaction. Continues on the caller's loop after COMMIT
  /// with what it returned; an error that it returned undoes what it did. Other errors: see SqlError; exhausted where too many wait.
  /// Once taken it runs, whether or not somebody still waits. The caller's loop must outlive the store or the call.
  template <class T>
  Awaitable<Result<T>> write(std::function<Result<T>(Transaction&)> body) {
    return await_on<T>(&Store::submit_write, std::move(body));
  }
  /// Runs `body` on a reader: one consistent snapshot, nothing can be changed.
  template <class T>
  Awaitable<Result<T>> read(std::function<Result<T>(Transaction&)> body) {
    return await_on<T>(&Store::submit_read, std::move(body));
  }
  /// The same without a coroutine. `done` is called on the writer's (reader's) thread after COMMIT and before any later
  /// closure runs; it must be quick and must not throw. Closures of one caller run in the order they were given.
  template <class T>
  void post_write(std::function<Result<T>(Transaction&)> body, std::function<void(Result<T>)> done) {
    submit_write(std::make_unique<TypedOperation<T>>(std::move(body), std::move(done)));
  }
  template <class T>
  void post_read(std::function<Result<T>(Transaction&)> body, std::function<void(Result<T>)> done) {
    submit_read(std::make_unique<TypedOperation<T>>(std::move(body), std::move(done)));
  }

  /// The database's clock: wall time at opening plus the steady clock since.
  WallTime now() const;
  /// An inline store's next so many commits fail as on a full disk.
  void fail_commits_for_tests(int count);
  /// Commits, closures, and what was undone so far; for /metrics.
  struct Counters {
    std::uint64_t commits = 0, closures = 0, failures = 0;
  };
  Counters counters() const;

 private:
  explicit Store(std::unique_ptr<detail::Engine> engine);
  void submit_write(std::unique_ptr<Operation> operation);
  void submit_read(std::unique_ptr<Operation> operation);

  template <class T>
  Awaitable<Result<T>> await_on(void (Store::*submit)(std::unique_ptr<Operation>), std::function<Result<T>(Transaction&)> body) {
    std::function<void(std::function<void(Result<T>)>)> start = [this, submit,
                                                                 body = std::move(body)](std::function<void(Result<T>)> done) {
      (this->*submit)(std::make_unique<TypedOperation<T>>(body, std::move(done)));
    };
    return await_answer<Result<T>>(std::move(start));
  }

  std::unique_ptr<detail::Engine> engine_;
};

}  // namespace flotte::store
