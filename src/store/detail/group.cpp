// Many closures, one commit.
#include "store/detail/group.hpp"

#include <optional>
#include <vector>

#include "base/disk_full.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace flotte::store::detail {

std::optional<Error> caught(const std::function<void()>& body) {
  try {
    body();
    return std::nullopt;
  } catch (const SqlError& e) {
    if (e.code() == Code::exhausted)
      return Error(e.code(), e.what(), "make room on the disk that holds the data directory; nothing is lost");
    return Error(e.code(), e.what());
  } catch (const std::exception& e) {
    log::error("exception in a database closure", {{"what", e.what()}});
    return Error(Code::internal, e.what());
  }
}

std::optional<Error> GroupWriter::attempt(Operation& operation, bool alone) {
  const std::int64_t before = connection_.total_changes();
  bool good = false;
  const auto failure = caught([&] {
    if (!alone) connection_.open_savepoint();
    Transaction transaction(connection_, clock_.now(), rollbacks_);
    good = operation.attempt(transaction);
    if (good && !alone) connection_.release_savepoint();
  });
  if (good && !failure) return std::nullopt;
  if (connection_.total_changes() != before) ++rollbacks_;
  if (connection_.in_transaction()) {
    if (alone)
      connection_.rollback();
    else if (caught([&] { connection_.undo_savepoint(); }))
      connection_.rollback();
  }
  return failure;
}

std::size_t GroupWriter::run(Group group, const Join& join) {
  std::vector<std::optional<Error>> failures(group.size());
  std::optional<Error> whole = caught([&] { connection_.begin_write(); });
  for (std::size_t i = 0; i < group.size() && !whole; ++i) {
    // The first needs no savepoint while it is alone: where it fails, there is nothing else to keep.
    const bool alone = group.size() == 1;
    failures[i] = attempt(*group[i], alone);
    // Out of disk or memory, SQLite ends the transaction by itself: what the others of this group did is gone with it.
    if (!alone && !connection_.in_transaction()) whole = failures[i].value_or(Error(Code::io, "the database ended the transaction"));
    if (i + 1 < group.size() || !join || !connection_.in_transaction()) continue;
    for (auto& late : join()) group.push_back(std::move(late));
    failures.resize(group.size());
  }
  if (!whole) whole = failpoint::failure(Failpoint::store_commit);
  if (!whole && failing_ > 0 && failing_-- > 0) whole = disk_full("the database's");
  if (!whole && connection_.in_transaction()) whole = caught([&] { connection_.commit(); });
  if (whole) {
    connection_.rollback();
    ++rollbacks_;
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    const Error* failure = whole ? &*whole : failures[i] ? &*failures[i] : nullptr;
    // A closure's own error stands in its result already; a failure of the database replaces it.
    const auto broken = caught([&] { group[i]->answer(failure); });
    if (broken) log::error("answering a write failed", {{"what", broken->message}});
  }
  return group.size();
}

void run_read(Connection& connection, const DatabaseClock& clock, Operation& operation) {
  const auto failure = caught([&] {
    connection.begin_read();
    Transaction transaction(connection, clock.now(), 0);
    operation.attempt(transaction);
  });
  connection.rollback();
  const auto broken = caught([&] { operation.answer(failure ? &*failure : nullptr); });
  if (broken) log::error("answering a read failed", {{"what", broken->message}});
}

}  // namespace flotte::store::detail
