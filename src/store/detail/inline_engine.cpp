// The caller's own thread over a database in memory.
#include "base/assert.hpp"
#include "store/detail/engine.hpp"
#include "store/detail/group.hpp"
#include "store/detail/open.hpp"
#include "store/detail/sqlite_connection.hpp"

namespace flotte::store::detail {
namespace {

class InlineEngine final : public Engine {
 public:
  InlineEngine(const Clock& clock, std::vector<Migration> migrations)
      : connection_(":memory:", SqliteConnection::Access::write), clock_(clock), writer_(connection_, clock_) {
    const auto good = migrate(connection_, std::move(migrations), "the database in memory", clock_.now());
    FLOTTE_ASSERT(good.has_value());
  }

  void submit_write(std::unique_ptr<Operation> operation) override {
    FLOTTE_ASSERT(!connection_.in_transaction());  // a closure must not start another
    ++counters_.commits;
    ++counters_.closures;
    GroupWriter::Group group;
    group.push_back(std::move(operation));
    writer_.run(std::move(group));
  }
  void submit_read(std::unique_ptr<Operation> operation) override {
    FLOTTE_ASSERT(!connection_.in_transaction());
    run_read(connection_, clock_, *operation);
  }
  void fail_commits(int count) override { writer_.fail_commits(count); }
  WallTime now() const override { return clock_.now(); }
  Store::Counters counters() const override { return counters_; }

 private:
  SqliteConnection connection_;
  DatabaseClock clock_;
  GroupWriter writer_;
  Store::Counters counters_;
};

}  // namespace

std::unique_ptr<Engine> make_inline_engine(const Clock& clock, std::vector<Migration> migrations) {
  return std::make_unique<InlineEngine>(clock, std::move(migrations));
}

}  // namespace flotte::store::detail
