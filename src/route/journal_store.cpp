// Reads and writes the table `call`.
#include "route/journal_store.hpp"

#include "base/encoding.hpp"
#include "store/store.hpp"

namespace flotte::route {
namespace {

std::optional<std::int64_t> told(std::int64_t tokens) { return tokens < 0 ? std::nullopt : std::optional(tokens); }

class StoreJournal final : public Journal {
 public:
  StoreJournal(store::Store& store, Charging charging) : store_(store), charging_(std::move(charging)) {}

  Awaitable<Result<std::optional<Recorded>>> find(CallId id) override {
    std::function<Result<std::optional<Recorded>>(store::Transaction&)> body = [id = std::move(id)](store::Transaction& transaction) {
      return select(transaction, id);
    };
    co_return co_await store_.read<std::optional<Recorded>>(std::move(body));
  }

  Awaitable<Result<void>> record(CallId id, std::int64_t fence, Recorded answer) override {
    const std::int64_t task = id.task;
    const std::optional<std::int64_t> cost = answer.cost_pico_usd;
    Body body = [id = std::move(id), fence, answer = std::move(answer)](store::Transaction& transaction) {
      return insert(transaction, id, fence, answer);
    };
    auto written = co_await write(task, fence, cost, std::move(body));
    if (!written) co_return pass(written);
    co_return Result<void>{};
  }

  Awaitable<Result<void>> charge(std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost_pico_usd) override {
    Body body = [](store::Transaction&) -> Result<bool> { return true; };
    auto written = co_await write(task, fence, cost_pico_usd, std::move(body));
    if (!written) co_return pass(written);
    co_return Result<void>{};
  }

 private:
  using Body = std::function<Result<bool>(store::Transaction&)>;

  Awaitable<Result<bool>> write(std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost, Body body) {
    // An engine's call costs nothing: nobody needs to hear of it.
    if (!charging_ || cost == 0) return store_.write<bool>(std::move(body));
    return charging_(task, fence, cost, std::move(body));
  }

  static Result<std::optional<Recorded>> select(store::Transaction& transaction, const CallId& id) {
    const auto row = transaction.one(
        "SELECT content_type, body, target, input_tokens, cached_tokens, output_tokens, cost_pico_usd FROM call WHERE task = ? AND step = "
        "? "
        "AND sha256 = ?",
        id.task, id.step, to_hex(id.sha256));
    if (!row) return std::nullopt;
    return Recorded{row->text(0),
                    row->text(1),
                    row->text(2),
                    {row->maybe_integer(3).value_or(-1), row->maybe_integer(4).value_or(-1), row->maybe_integer(5).value_or(-1)},
                    row->maybe_integer(6)};
  }

  /// Whether it is the first answer of the call.
  static Result<bool> insert(store::Transaction& transaction, const CallId& id, std::int64_t fence, const Recorded& answer) {
    const auto changed = transaction.execute(
        "INSERT INTO call (task, step, sha256, fence, at_ms, target, content_type, input_tokens, cached_tokens, output_tokens, "
        "cost_pico_usd, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        id.task, id.step, to_hex(id.sha256), fence, transaction.now(), answer.target, answer.content_type, told(answer.usage.input_tokens),
        told(answer.usage.cached_tokens), told(answer.usage.output_tokens), answer.cost_pico_usd, answer.body);
    return changed == 1;
  }

  store::Store& store_;
  Charging charging_;
};

}  // namespace

std::shared_ptr<Journal> store_journal(store::Store& store, Charging charging) {
  return std::make_shared<StoreJournal>(store, std::move(charging));
}

}  // namespace flotte::route
