// Who runs the closures: threads over a file, or the caller over memory.
#pragma once
#include <memory>

#include "base/clock.hpp"
#include "store/operation.hpp"
#include "store/store.hpp"

namespace flotte::store::detail {

class Engine {
 public:
  virtual ~Engine() = default;
  virtual void submit_write(std::unique_ptr<Operation> operation) = 0;
  virtual void submit_read(std::unique_ptr<Operation> operation) = 0;
  virtual void close() {}
  virtual void fail_commits(int) {}
  virtual WallTime now() const = 0;
  virtual Store::Counters counters() const = 0;
};

/// Errors as Store::open says.
Result<std::unique_ptr<Engine>> make_threaded_engine(Options options, std::vector<Migration> migrations);
std::unique_ptr<Engine> make_inline_engine(const Clock& clock, std::vector<Migration> migrations);

}  // namespace flotte::store::detail
