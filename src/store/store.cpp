// The database.
#include "store/store.hpp"

#include "store/detail/engine.hpp"

namespace flotte::store {

Store::Store(std::unique_ptr<detail::Engine> engine) : engine_(std::move(engine)) {}
Store::~Store() { close(); }
void Store::close() { engine_->close(); }

Result<std::unique_ptr<Store>> Store::open(Options options, std::vector<Migration> migrations) {
  auto engine = detail::make_threaded_engine(std::move(options), std::move(migrations));
  if (!engine) return pass(engine);
  return std::unique_ptr<Store>(new Store(std::move(*engine)));
}

std::unique_ptr<Store> Store::inline_for_tests(const Clock& clock, std::vector<Migration> migrations) {
  return std::unique_ptr<Store>(new Store(detail::make_inline_engine(clock, std::move(migrations))));
}

void Store::submit_write(std::unique_ptr<Operation> operation) { engine_->submit_write(std::move(operation)); }
void Store::submit_read(std::unique_ptr<Operation> operation) { engine_->submit_read(std::move(operation)); }
void Store::fail_commits_for_tests(int count) { engine_->fail_commits(count); }
WallTime Store::now() const { return engine_->now(); }
Store::Counters Store::counters() const { return engine_->counters(); }

}  // namespace flotte::store
