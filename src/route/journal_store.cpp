// The journal's shell: books in memory say what is to happen, rows keep it.
#include "route/journal_store.hpp"

#include <fmt/format.h>

#include "base/async/wait.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "route/call_books.hpp"
#include "route/journal_rows.hpp"
#include "store/store.hpp"

namespace flotte::route {
namespace {

constexpr milliseconds look_gap{20};
constexpr std::size_t longest_answer = std::size_t{64} * 1024 * 1024;  // unpacked; the gateway's bound is lower

class StoreJournal final : public Journal {
 public:
  StoreJournal(store::Store& store, JournalOptions options, const Clock& clock)
      : store_(store), options_(std::move(options)), books_(clock) {}

  Awaitable<Result<OpenedCall>> open(CallId id) override {
    for (milliseconds waited{0};;) {
      auto ready = co_await load(id.task);
      if (!ready) co_return pass(ready);
      if (auto room = room_for(id.task); !room) co_return pass(room);
      const auto patience = waited < options_.patience ? CallBook::Patience::some : CallBook::Patience::none;
      const auto opened = begin(id, patience);
      if (!opened) continue;  // put away in this very moment
      if (opened->wait_for != 0) {
        const bool rested = co_await sleep_for(look_gap);
        if (!rested) co_return fail(Code::cancelled, "the call was given up");
        waited += look_gap;
        continue;
      }
      OpenedCall call{opened->place, opened->repeats, std::nullopt};
      if (opened->answer == 0) co_return call;
      auto answer = co_await read_answer(id.task, opened->answer);
      if (!answer) {
        withdraw(id, call.place);
        co_return pass(answer);
      }
      if (*answer) {
        call.answer = std::move(**answer);
        co_return call;
      }
      give_up(id, *opened);
    }
  }

  Awaitable<Result<void>> intend(CallId id, OpenedCall call) override {
    const std::int64_t task = id.task;
    std::function<Result<void>(store::Transaction&)> body = [task, ask = intent(id, call)](store::Transaction& rows) -> Result<void> {
      insert_ask(rows, task, ask);
      return {};
    };
    co_return co_await store_.write<void>(std::move(body));
  }

  void intend_soon(CallId id, const OpenedCall& call) override {
    write_soon([task = id.task, ask = intent(id, call)](store::Transaction& rows) { insert_ask(rows, task, ask); });
  }

  Awaitable<Result<void>> record(CallId id, std::int64_t place, Recorded answer) override {
    const auto ask = find(id, place);
    if (!ask) co_return fail(Code::internal, "the journal does not know this call");
    KeptAnswer kept;
    kept.body = pack(std::move(answer.body));
    kept.answer = std::move(answer);
    if (!books_.take_room(id.task, static_cast<std::int64_t>(kept.body.bytes.size()), options_.task_bytes))
      co_return fail(Code::exhausted, fmt::format("the journal keeps at most {} MiB of one task", options_.task_bytes >> 20));
    const std::optional<std::int64_t> cost = kept.answer.cost_pico_usd;
    Body body = [task = id.task, ask = *ask, kept = std::move(kept)](store::Transaction& rows) -> Result<bool> {
      return insert_answer(rows, task, ask, kept);
    };
    failpoint::reach(Failpoint::journal_before_record);
    auto written = co_await write(id, cost, std::move(body));
    if (!written) co_return pass(written);
    books_.with(id.task, [place](CallBook& book) { return book.bought(place); });
    failpoint::reach(Failpoint::journal_after_record);
    co_return Result<void>{};
  }

  void told(const CallId& id, std::int64_t place) override {
    const auto known = books_.with(id.task, [place](CallBook& book) -> std::optional<KnownCall> {
      const KnownCall* ask = book.find(place);
      if (ask && ask->state == CallState::replayed) book.told(place);
      ask = book.find(place);
      return ask ? std::optional(*ask) : std::nullopt;
    });
    if (!known || !*known) return;
    write_soon([task = id.task, ask = **known](store::Transaction& rows) {
      if (ask.state == CallState::replayed)
        insert_ask(rows, task, ask);
      else
        set_told(rows, task, ask.place, ask.told);
    });
  }

  void untold(const CallId& id, std::int64_t place) override {
    books_.with(id.task, [place](CallBook& book) {
      book.untold(place);
      return true;
    });
  }

  Awaitable<Result<void>> lose(CallId id, std::int64_t place, Lost how) override {
    const CallState state = how.paid == Lost::Paid::nothing ? CallState::free : CallState::lost;
    const auto ask = find(id, place);
    if (!ask || ask->state != CallState::open) co_return Result<void>{};
    books_.with(id.task, [place, state](CallBook& book) {
      book.ended(place, state);
      return true;
    });
    Body body = [task = id.task, ask = *ask, state](store::Transaction& rows) -> Result<bool> {
      insert_ask(rows, task, ask);
      set_state(rows, task, ask.place, state);
      return true;
    };
    const std::optional<std::int64_t> cost = how.charged ? how.cost_pico_usd : std::optional<std::int64_t>(0);
    auto written = co_await write(id, cost, std::move(body));
    if (!written) co_return pass(written);
    co_return Result<void>{};
  }

  void withdraw(const CallId& id, std::int64_t place) override {
    books_.with(id.task, [place](CallBook& book) {
      book.withdrawn(place);
      return true;
    });
  }

  void abandon(const CallId& id, std::int64_t place) override {
    const auto ask = find(id, place);
    if (!ask || ask->state != CallState::open) return;
    books_.with(id.task, [place](CallBook& book) {
      book.ended(place, CallState::lost);
      return true;
    });
    write_soon([task = id.task, place](store::Transaction& rows) { set_state(rows, task, place, CallState::lost); });
  }

  void left(const CallId& id, std::int64_t place, std::function<void(bool)> answer) override {
    if (!options_.still_wanted) return answer(false);
    books_.with(id.task, [place](CallBook& book) {
      book.left(place);
      return true;
    });
    std::function<Result<bool>(store::Transaction&)> body = [wanted = options_.still_wanted, task = id.task](store::Transaction& rows) {
      return Result<bool>(wanted(rows, task));
    };
    store_.post_read<bool>(std::move(body), [answer = std::move(answer)](Result<bool> wanted) { answer(wanted.value_or(false)); });
  }

 private:
  using Body = std::function<Result<bool>(store::Transaction&)>;

  Awaitable<Result<void>> load(std::int64_t task) {
    if (books_.has(task)) co_return Result<void>{};
    std::function<Result<KnownCalls>(store::Transaction&)> body = [task](store::Transaction& rows) -> Result<KnownCalls> {
      return load_calls(rows, task);
    };
    auto known = co_await store_.read<KnownCalls>(std::move(body));
    if (!known) co_return pass(known);
    books_.put(task, CallBook(std::move(known->asks)), known->bytes);
    co_return Result<void>{};
  }

  /// What a task asks without end would be read into memory for each of its calls.
  Result<void> room_for(std::int64_t task) {
    const auto asked = books_.with(task, [](CallBook& book) { return book.size(); });
    if (!asked || *asked < options_.task_calls) return {};
    return fail(Code::unprocessable, fmt::format("a task makes at most {} calls of models, over all its attempts", options_.task_calls),
                "use several tasks");
  }

  std::optional<CallBook::Opened> begin(const CallId& id, CallBook::Patience patience) {
    return books_.with(id.task, [&](CallBook& book) { return book.open(id.fence, id.step, id.request, patience); });
  }

  std::optional<KnownCall> find(const CallId& id, std::int64_t place) {
    const auto ask = books_.with(id.task, [place](CallBook& book) -> std::optional<KnownCall> {
      const KnownCall* known = book.find(place);
      return known ? std::optional(*known) : std::nullopt;
    });
    return ask ? *ask : std::nullopt;
  }

  static KnownCall intent(const CallId& id, const OpenedCall& call) {
    KnownCall ask{call.place, id.fence, id.step, id.request};
    ask.repeats = call.repeats;
    return ask;
  }

  /// Nothing where it is gone or cannot be read.
  Awaitable<Result<std::optional<Recorded>>> read_answer(std::int64_t task, std::int64_t place) {
    using Kept = std::optional<KeptAnswer>;
    std::function<Result<Kept>(store::Transaction&)> body = [task, place](store::Transaction& rows) -> Result<Kept> {
      return load_answer(rows, task, place);
    };
    auto kept = co_await store_.read<Kept>(std::move(body));
    if (!kept) co_return pass(kept);
    if (!*kept) co_return std::nullopt;
    auto text = unpack(std::move((*kept)->body), longest_answer);
    if (!text) {
      log::warning("a recorded answer is bought again", {{"task", task}, {"why", text.error().text()}});
      co_return std::nullopt;
    }
    Recorded answer = std::move((*kept)->answer);
    answer.body = std::move(*text);
    co_return answer;
  }

  void give_up(const CallId& id, const CallBook::Opened& opened) {
    books_.with(id.task, [&](CallBook& book) {
      book.withdrawn(opened.place);
      book.forgotten(opened.answer);
      return true;
    });
  }

  Awaitable<Result<bool>> write(const CallId& id, std::optional<std::int64_t> cost, Body body) {
    // An engine's call costs nothing: nobody needs to hear of it.
    if (!options_.charging || cost == 0) return store_.write<bool>(std::move(body));
    return options_.charging(id.task, id.fence, cost, std::move(body));
  }

  void write_soon(std::function<void(store::Transaction&)> change) {
    std::function<Result<void>(store::Transaction&)> body = [change = std::move(change)](store::Transaction& rows) -> Result<void> {
      change(rows);
      return {};
    };
    store_.post_write<void>(std::move(body), [](Result<void> done) {
      if (!done && done.error().code != Code::closed) log::warning("the call journal could not be written", {{"why", done.error().text()}});
    });
  }

  store::Store& store_;
  const JournalOptions options_;
  CallBooks books_;
};

}  // namespace

std::shared_ptr<Journal> store_journal(store::Store& store, JournalOptions options, const Clock& clock) {
  return std::make_shared<StoreJournal>(store, std::move(options), clock);
}

}  // namespace flotte::route
