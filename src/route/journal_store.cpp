// Reads and writes the table `call`.
#include "route/journal_store.hpp"

#include "base/encoding.hpp"
#include "store/store.hpp"

namespace flotte::route {
namespace {

std::optional<std::int64_t> told(std::int64_t tokens) { return tokens < 0 ? std::nullopt : std::optional(tokens); }

class StoreJournal final : public Journal {
 public:
  explicit StoreJournal(store::Store& store) : store_(store) {}

  Awaitable<Result<std::optional<Recorded>>> find(CallId id) override {
    std::function<Result<std::optional<Recorded>>(store::Transaction&)> body = [id = std::move(id)](store::Transaction& transaction) {
      return select(transaction, id);
    };
    co_return co_await store_.read<std::optional<Recorded>>(std::move(body));
  }

  Awaitable<Result<void>> record(CallId id, std::int64_t fence, Recorded answer) override {
    std::function<Result<void>(store::Transaction&)> body = [id = std::move(id), fence,
                                                             answer = std::move(answer)](store::Transaction& transaction) {
      return insert(transaction, id, fence, answer);
    };
    co_return co_await store_.write<void>(std::move(body));
  }

 private:
  static Result<std::optional<Recorded>> select(store::Transaction& transaction, const CallId& id) {
    const auto row = transaction.one(
        "SELECT content_type, body, target, input_tokens, cached_tokens, output_tokens FROM call WHERE task = ? AND step = ? AND sha256 = "
        "?",
        id.task, id.step, to_hex(id.sha256));
    if (!row) return std::nullopt;
    return Recorded{row->text(0),
                    row->text(1),
                    row->text(2),
                    {row->maybe_integer(3).value_or(-1), row->maybe_integer(4).value_or(-1), row->maybe_integer(5).value_or(-1)}};
  }

  static Result<void> insert(store::Transaction& transaction, const CallId& id, std::int64_t fence, const Recorded& answer) {
    transaction.execute(
        "INSERT INTO call (task, step, sha256, fence, at_ms, target, content_type, input_tokens, cached_tokens, output_tokens, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        id.task, id.step, to_hex(id.sha256), fence, transaction.now(), answer.target, answer.content_type, told(answer.usage.input_tokens),
        told(answer.usage.cached_tokens), told(answer.usage.output_tokens), answer.body);
    return {};
  }

  store::Store& store_;
};

}  // namespace

std::shared_ptr<Journal> store_journal(store::Store& store) { return std::make_shared<StoreJournal>(store); }

}  // namespace flotte::route
