// Results on their way to disk.
#include "cli/batch/follow.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t page_size = 200;
constexpr std::chrono::milliseconds shortest_pause{250}, longest_pause{1'000};

bool has_ended(const wire::BatchView& batch) {
  if (batch.state == "done") return true;
  // A cancelled batch may still have runs that are told to stop.
  return batch.state == "cancelled" && batch.queued + batch.offered + batch.running + batch.waiting == 0;
}

}  // namespace

Follower::Follower(client::Batches& batches, Patience& patience, ResultDirectory& directory, ProgressView& view, const Clock& clock)
    : batches_(batches),
      patience_(patience),
      directory_(directory),
      view_(view),
      clock_(clock),
      start_(clock.steady()),
      next_save_(start_),
      rate_(start_) {
  for (const RememberedInput& input : directory.state().inputs)
    if (input.in_batch) by_name_[input.name] = &input;
  recount();
}

void Follower::recount() {
  view_.succeeded = view_.failed = view_.cancelled = 0;
  for (const RememberedInput& input : directory_.state().inputs) {
    const auto row = directory_.rows().find(input.name);
    if (row == directory_.rows().end()) continue;
    ++(row->second.succeeded() ? view_.succeeded : row->second.state == "cancelled" ? view_.cancelled : view_.failed);
  }
}

Awaitable<Result<void>> Follower::run() {
  const std::string id = directory_.state().batch;
  std::function<Awaitable<Result<wire::BatchView>>()> show_batch = [&] { return batches_.show(id); };
  std::chrono::milliseconds pause = shortest_pause;
  for (;;) {
    // The batch is read before its items: when it had ended, every item that it has is behind our cursor or in the next pages.
    auto batch = co_await patience_.ask(show_batch);
    if (!batch) co_return pass(batch);
    show(*batch);
    std::size_t taken = 0, some = 0;
    do {
      auto page = co_await take_ended();
      if (!page) co_return pass(page);
      some = *page;
      taken += some;
      show(*batch);
      if (auto saved = save_sometimes(); !saved) co_return saved;
    } while (some == page_size);
    first_look_ = false;
    if (stopped_) co_return std::unexpected(*stopped_);
    if (has_ended(*batch) && taken == 0) break;
    pause = taken > 0 ? shortest_pause : std::min(pause * 3 / 2, longest_pause);
    if (has_ended(*batch)) continue;
    if (!co_await sleep_for(pause)) co_return fail(Code::cancelled, "interrupted");
  }
  auto complete = co_await take_missing();
  if (!complete) co_return complete;
  if (view_.spent_limit) close_spent();
  directory_.state().finished = true;
  recount();
  co_return directory_.save();
}

Awaitable<Result<std::size_t>> Follower::take_ended() {
  BatchState& state = directory_.state();
  std::function<Awaitable<Result<client::EndedItems>>()> ask = [&] { return batches_.ended(state.batch, state.cursor, page_size); };
  auto page = co_await patience_.ask(ask);
  if (!page) co_return pass(page);
  for (const client::BatchItem& item : page->items) {
    auto taken = co_await take(item);
    if (!taken) co_return pass(taken);
  }
  if (!first_look_) rate_.on_ended(page->items.size(), clock_.steady());
  if (page->next != state.cursor) {
    state.cursor = page->next;
    directory_.touch();
  }
  co_return page->items.size();
}

Awaitable<Result<void>> Follower::take(const client::BatchItem& item) {
  const auto known = by_name_.find(item.name);
  if (known == by_name_.end() || !wire::terminal(item.task.state)) co_return Result<void>{};
  const RememberedInput& input = *known->second;
  ResultRow row = make_row(input.name, input.id, item.task);
  if (row.succeeded()) {
    auto text = co_await fetch_text(item.task);
    if (!text) co_return std::unexpected(text.error().within(input.name));
    if (input.output.empty()) {
      row.output = std::move(*text);
    } else {
      if (auto written = directory_.write_result(input.output, *text); !written) co_return written;
      row.output = input.output;
    }
  }
  directory_.set_row(std::move(row), input.fingerprint);
  co_return Result<void>{};
}

Awaitable<Result<std::string>> Follower::fetch_text(const wire::TaskView& task) {
  const json::object* result = task.result.if_object();
  if (!result) co_return std::string();
  const std::string blob = json::string_or(*result, "blob", "");
  if (blob.empty()) co_return json::string_or(*result, "text", "");
  std::function<Awaitable<Result<std::string>>()> ask = [&] { return batches_.blob(blob); };
  co_return co_await patience_.ask(ask);
}

/// What the order of ending did not bring: nothing, if the hub and we are right. An input without a result would be worse than one more
/// look.
Awaitable<Result<void>> Follower::take_missing() {
  const BatchState& state = directory_.state();
  const auto is_missing = [this](const auto& entry) { return !directory_.rows().contains(entry.first); };
  std::string cursor;
  while (std::any_of(by_name_.begin(), by_name_.end(), is_missing)) {
    std::function<Awaitable<Result<client::ItemPage>>()> ask = [&] { return batches_.items(state.batch, cursor, page_size); };
    auto page = co_await patience_.ask(ask);
    if (!page) co_return pass(page);
    for (const client::BatchItem& item : page->items) {
      if (directory_.rows().contains(item.name)) continue;
      auto taken = co_await take(item);
      if (!taken) co_return taken;
    }
    if (page->next.empty() || page->next == cursor) break;
    cursor = page->next;
  }
  co_return Result<void>{};
}

/// Inputs that were not even handed in when the limit was spent.
void Follower::close_spent() {
  for (const auto& [name, input] : by_name_)
    if (!directory_.rows().contains(name)) directory_.set_row(make_budget_row(name, input->id), "");
}

void Follower::refuse(const std::string& name, const Error& why) {
  const auto known = by_name_.find(name);
  if (known == by_name_.end()) return;
  directory_.set_row(make_refused_row(name, known->second->id, why), "");
  by_name_.erase(known);
}

Result<void> Follower::save_sometimes() {
  if (!directory_.changed() || clock_.steady() < next_save_) return {};
  const SteadyTime before = clock_.steady();
  if (auto saved = directory_.save(); !saved) return saved;
  // At most a twentieth of the time goes into writing, however large results.jsonl has become.
  next_save_ = clock_.steady() + std::max<milliseconds>(seconds(1), 20 * (clock_.steady() - before));
  return {};
}

void Follower::show(const wire::BatchView& batch) {
  recount();
  const SteadyTime now = clock_.steady();
  view_.state = batch.state;
  view_.running = batch.running + batch.offered;
  view_.usage = batch.usage;
  if (batch.reason == wire::Reason::budget) view_.spent_limit = batch.max_cost_pico_usd;
  view_.per_second = rate_.per_second(now);
  view_.left = rate_.time_left(view_.total - std::min(view_.total, view_.ended()), now);
}

}  // namespace flotte::cli
