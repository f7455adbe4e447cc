// The course of `batch attach`.
#include <algorithm>
#include <filesystem>

#include "cli/batch/job.hpp"
#include "cli/batch/result_path.hpp"
#include "cli/batch/whereabouts.hpp"

namespace flotte::cli {
namespace {

/// Relative where it is below the working directory: that is how people know it.
std::string shorten(const std::string& path) {
  std::error_code error;
  const auto relative = std::filesystem::path(path).lexically_relative(std::filesystem::current_path(error));
  return error || relative.empty() || *relative.begin() == ".." ? path : relative.string();
}

}  // namespace

Awaitable<Result<int>> BatchJob::attach(BatchAttachOptions options) {
  auto batch = co_await batches_.show(options.batch);
  if (!batch) co_return pass(batch);
  if (batch->state == "open")
    co_return fail(Code::conflict, options.batch + " is still being handed in",
                   "the same `flotte batch run` again hands in the rest; `flotte batch cancel " + options.batch + "` ends it");
  if (auto opened = open_for_attach(options, *batch); !opened) co_return pass(opened);
  if (state().inputs.empty()) {
    auto read = co_await read_items_of(options.batch);
    if (!read) co_return pass(read);
  }
  auto looked = co_await forget_retried();
  if (!looked) co_return pass(looked);
  state().sealed = true;
  view_.total = state().inputs.size();
  view_.kept = 0;
  auto followed = co_await hand_in_and_follow(0, {});
  if (!followed) co_return pass(followed);
  co_return finish();
}

/// The directory that was given, else the one that the run wrote to, else a new one.
Result<void> BatchJob::open_for_attach(const BatchAttachOptions& options, const wire::BatchView& batch) {
  const Common& common = session_.common();
  std::string path = options.output;
  if (path.empty()) path = shorten(recall_directory(common.data, common.url, batch.id).value_or(""));
  if (path.empty())
    for (const auto& [found, remembered] : find_result_directories("."))
      if (path.empty() && remembered.batch == batch.id && remembered.url == common.url) path = found;
  if (path.empty()) path = "flotte-" + batch.id;
  auto opened = ResultDirectory::open(path);
  if (!opened) return pass(opened);
  directory_.emplace(std::move(*opened));
  const std::string created_at = batch.created_at ? to_rfc3339(*batch.created_at) : "";
  const bool same = state().batch == batch.id && (state().created_at.empty() || state().created_at == created_at);
  if (!same && !(state().batch.empty() && state().inputs.empty()))
    return fail(Code::conflict, "\"" + path + "\" holds the results of another batch", "give another directory with -o");
  state().batch = batch.id;
  state().created_at = created_at;
  state().url = common.url;
  state().finished = false;
  return {};
}

/// Rows of failures whose items are being tried again say nothing any more.
Awaitable<Result<void>> BatchJob::forget_retried() {
  const auto failed = [this](const RememberedInput& input) {
    const auto row = directory_->rows().find(input.name);
    return input.in_batch && row != directory_->rows().end() && !row->second.succeeded();
  };
  const auto& inputs = state().inputs;
  if (std::none_of(inputs.begin(), inputs.end(), failed)) co_return Result<void>{};
  std::string cursor;
  for (bool more = true; more;) {
    auto page = co_await batches_.items(state().batch, cursor, 1000);
    if (!page) co_return pass(page);
    for (const client::BatchItem& item : page->items)
      if (!wire::terminal(item.task.state)) directory_->drop_row(item.name);
    more = !page->next.empty() && page->next != cursor;
    cursor = page->next;
  }
  co_return Result<void>{};
}

/// A batch that was started elsewhere: its items are all that is known of its inputs.
Awaitable<Result<void>> BatchJob::read_items_of(const std::string& batch) {
  ResultPaths paths;
  std::string cursor;
  do {
    std::function<Awaitable<Result<client::ItemPage>>()> ask = [&] { return batches_.items(batch, cursor, 500); };
    auto page = co_await patience_.ask(ask);
    if (!page) co_return pass(page);
    for (const client::BatchItem& item : page->items) {
      RememberedInput input;
      input.name = item.name;
      input.in_batch = true;
      if (item.task.kind == wire::TaskKind::document) input.output = paths.take(input.name);
      state().inputs.push_back(std::move(input));
    }
    if (page->next == cursor) break;
    cursor = page->next;
  } while (!cursor.empty());
  directory_->touch();
  co_return Result<void>{};
}

}  // namespace flotte::cli
