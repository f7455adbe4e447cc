// One writer thread with group commit, and reader threads, over a SQLite file.
#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "store/detail/checkpointer.hpp"
#include "store/detail/engine.hpp"
#include "store/detail/group.hpp"
#include "store/detail/open.hpp"
#include "store/detail/sqlite_connection.hpp"

namespace flotte::store::detail {
namespace {

/// Closures that wait for a thread. `take` sleeps while there is nothing; empty means the end.
class Queue {
 public:
  explicit Queue(std::size_t bound) : bound_(bound) {}

  /// Why not, where it is full or closed; `operation` is then left as it was.
  std::optional<Error> put(std::unique_ptr<Operation>& operation) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return Error(Code::closed, "the database is closed");
      if (waiting_.size() >= bound_) return Error(Code::exhausted, "too much waits for the database", "try again in a moment");
      waiting_.push_back(std::move(operation));
    }
    wake_.notify_one();
    return std::nullopt;
  }
  std::vector<std::unique_ptr<Operation>> take(std::size_t most) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    return front(most);
  }
  /// What is there now.
  std::vector<std::unique_ptr<Operation>> take_now(std::size_t most) {
    const std::lock_guard lock(mutex_);
    return front(most);
  }
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_.notify_all();
  }

 private:
  std::vector<std::unique_ptr<Operation>> front(std::size_t most) {
    std::vector<std::unique_ptr<Operation>> out;
    for (; out.size() < most && !waiting_.empty(); waiting_.pop_front()) out.push_back(std::move(waiting_.front()));
    return out;
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Operation>> waiting_;
  std::size_t bound_;
  bool closed_ = false;
};

void name_thread(const std::string& name) { ::pthread_setname_np(::pthread_self(), name.c_str()); }

class ThreadedEngine final : public Engine {
 public:
  ThreadedEngine(Options options, FileLock lock, std::unique_ptr<SqliteConnection> connection)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        connection_(std::move(connection)),
        checkpointer_(options_.path),
        clock_(*options_.clock),
        writes_(options_.waiting),
        reads_(options_.waiting) {
    for (std::size_t i = 0; i < options_.readers; ++i)
      connections_.push_back(std::make_unique<SqliteConnection>(options_.path, SqliteConnection::Access::read));
    writer_ = std::thread([this] { run_writer(); });
    for (const auto& reader : connections_) readers_.emplace_back([this, &reader] { run_reader(*reader); });
  }
  ~ThreadedEngine() override { ThreadedEngine::close(); }
  void close() override {
    const std::lock_guard lock(closing_);
    writes_.close();
    reads_.close();
    if (writer_.joinable()) writer_.join();
    checkpointer_.close();
    for (std::thread& reader : readers_)
      if (reader.joinable()) reader.join();
  }

  void submit_write(std::unique_ptr<Operation> operation) override {
    if (const auto refused = writes_.put(operation)) operation->answer(&*refused);
  }
  void submit_read(std::unique_ptr<Operation> operation) override {
    if (const auto refused = reads_.put(operation)) operation->answer(&*refused);
  }
  WallTime now() const override { return clock_.now(); }
  Store::Counters counters() const override { return {commits_.load(), closures_.load(), failures_.load()}; }

 private:
  void run_writer() {
    name_thread("store-writer");
    GroupWriter writer(*connection_, clock_);
    for (;;) {
      // Whatever came while the last commit ran shares the next one, and so does what comes before it is made; nothing waits for company.
      auto group = writes_.take(options_.group);
      if (group.empty()) return;
      std::size_t room = options_.group - group.size();
      const std::size_t closures = writer.run(std::move(group), [&] {
        auto late = writes_.take_now(room);
        room -= late.size();
        return late;
      });
      checkpointer_.after_commit(*connection_);
      commits_.fetch_add(1, std::memory_order_relaxed);
      closures_.fetch_add(closures, std::memory_order_relaxed);
      failures_.store(writer.rollbacks(), std::memory_order_relaxed);
    }
  }
  void run_reader(SqliteConnection& connection) {
    name_thread("store-reader");
    for (;;) {
      const auto next = reads_.take(1);
      if (next.empty()) return;
      run_read(connection, clock_, *next.front());
    }
  }

  Options options_;
  FileLock lock_;
  std::unique_ptr<SqliteConnection> connection_;
  std::vector<std::unique_ptr<SqliteConnection>> connections_;
  Checkpointer checkpointer_;
  DatabaseClock clock_;
  Queue writes_, reads_;
  std::mutex closing_;
  std::atomic<std::uint64_t> commits_ = 0, closures_ = 0, failures_ = 0;
  std::thread writer_;
  std::vector<std::thread> readers_;
};

}  // namespace

Result<std::unique_ptr<Engine>> make_threaded_engine(Options options, std::vector<Migration> migrations) {
  if (auto good = check_place(options.path); !good) return pass(good);
  auto lock = FileLock::take(options.path);
  if (!lock) return pass(lock);
  // Made by us so that nobody else can read it; SQLite's other files take over the mode.
  if (const int file = ::open(options.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); file >= 0) ::close(file);
  Result<std::unique_ptr<Engine>> engine;
  const auto failure = caught([&] {
    auto connection = std::make_unique<SqliteConnection>(options.path, SqliteConnection::Access::write);
    if (options.max_pages > 0) connection->script(fmt::format("PRAGMA max_page_count={}", options.max_pages));
    if (auto good = migrate(*connection, std::move(migrations), options.path, options.clock->wall()); !good) {
      engine = pass(good);
      return;
    }
    engine = std::make_unique<ThreadedEngine>(std::move(options), std::move(*lock), std::move(connection));
  });
  if (!failure) return engine;
  if (failure->code == Code::corrupt)
    return fail(Code::corrupt, fmt::format("{} is damaged or no database", options.path),
                "restore it from a backup, or give another --data directory");
  return Failure(*failure);
}

}  // namespace flotte::store::detail
