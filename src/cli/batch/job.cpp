// The course of `batch run`.
#include "cli/batch/job.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/crypto.hpp"
#include "base/money.hpp"
#include "cli/batch/summary.hpp"
#include "cli/batch/whereabouts.hpp"
#include "cli/command/demonstration.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

std::string working_directory() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

BatchArguments arguments_of(const BatchRunOptions& options) { return {options.paths, options.prompt, options.model}; }

std::string make_batch_title(const BatchRunOptions& options) {
  std::string paths;
  for (const std::string& path : options.paths) paths += (paths.empty() ? "" : ", ") + path;
  std::string title = cut_to(make_line(paths), 60);
  if (!options.prompt.empty()) title += ": " + cut_to(make_line(options.prompt), 80);
  return title;
}

BoardStyle board_style(const Common& common) {
  if (common.json()) return BoardStyle::silent;
  return is_terminal(STDERR_FILENO) ? BoardStyle::live : BoardStyle::lines;
}

}  // namespace

BatchJob::BatchJob(Session& session)
    : session_(session),
      batches_(session.fleet()),
      board_(session.fleet(), view_, board_style(session.common()), system_clock()),
      patience_([this](const std::string& trouble) {
        view_.trouble = trouble;
        board_.say(trouble.empty() ? "the hub is back" : "flotte: " + trouble);
      }),
      start_(system_clock().steady()) {}

Awaitable<Result<int>> BatchJob::run() {
  if (options_.dry_run) co_return co_await run_dry();
  if (auto chosen = choose_directory(); !chosen) co_return pass(chosen);
  if (directory_) {
    WorkPlan plan = plan_rest();
    if (!plan.under_way.empty()) {
      auto finished = co_await finish_earlier(std::move(plan));
      if (!finished) co_return pass(finished);
    }
  }
  auto done = co_await run_rest();
  if (!done) co_return pass(done);
  if (options_.detach) {
    if (session_.common().json())
      print_json(json::object{{"batch", state().batch}, {"directory", directory_->path()}});
    else
      print(state().batch + "\n");
    co_return status::done;
  }
  co_return finish();
}

Result<void> BatchJob::prepare(BatchRunOptions options) {
  options_ = std::move(options);
  options_.model = choose_model(options_.model, options_.placement);
  if (!options_.max_cost.empty()) {
    std::string_view amount = options_.max_cost;
    if (amount.starts_with('$')) amount.remove_prefix(1);
    max_cost_pico_usd_ = parse_usd(amount);
    if (!max_cost_pico_usd_ || *max_cost_pico_usd_ <= 0)
      return fail(Code::invalid_argument, fmt::format("--max-cost {} is no amount", options_.max_cost), "dollars above 0, such as 2.50");
  }
  if (!is_utf8(options_.prompt))
    return fail(Code::invalid_argument, "the prompt is not UTF-8 text", "convert it first, for example with iconv");
  auto files = collect_files(options_.paths, options_.output);
  if (!files) return pass(files);
  if (files->links_left_out > 0)
    board_.say(
        fmt::format("flotte: {} left out: a link may lead elsewhere; name its target to include that",
                    files->links_left_out == 1 ? "1 symbolic link was" : fmt::format("{} symbolic links were", files->links_left_out)));
  auto inputs = prepare_inputs(files->files, {options_.prompt, options_.model});
  if (!inputs) return pass(inputs);
  if (inputs->empty())
    return fail(Code::invalid_argument, fmt::format("nothing to do: no documents and no prompts in {}", fmt::join(options_.paths, ", ")),
                "text, Markdown, HTML, PDF, DOCX, EPUB, e-mail and JSON Lines files are read; hidden ones are not");
  inputs_ = std::move(*inputs);
  return {};
}

Result<void> BatchJob::choose_directory() {
  std::string path = options_.output;
  if (path.empty()) {
    const std::string here = working_directory();
    for (const auto& [found, remembered] : find_result_directories("."))
      if (path.empty() && !remembered.batch.empty() && remembered.arguments == arguments_of(options_) &&
          remembered.url == session_.common().url && remembered.directory == here)
        path = found;
    if (path.empty()) return {};  // it is named after the batch, which does not exist yet
  }
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  auto opened = ResultDirectory::open(path);
  if (!opened) return pass(opened);
  directory_.emplace(std::move(*opened));
  return {};
}

WorkPlan BatchJob::plan_rest() const {
  static const BatchState no_state;
  static const std::map<std::string, ResultRow> no_rows;
  if (!directory_) return plan_work(inputs_, no_state, no_rows, [](const std::string&) { return false; });
  const ResultDirectory& directory = *directory_;
  return plan_work(inputs_, const_cast<ResultDirectory&>(directory).state(), directory.rows(),
                   [&directory](const std::string& output) { return directory.has_result(output); });
}

void BatchJob::adopt(const WorkPlan& plan) {
  state().inputs = plan.inputs;
  state().arguments = arguments_of(options_);
  state().directory = working_directory();
  state().url = session_.common().url;
  for (std::size_t at : plan.refused) directory_->set_row(make_refused_row(inputs_[at].name, inputs_[at].id, *inputs_[at].refused), "");
  for (std::size_t at : plan.todo) directory_->drop_row(inputs_[at].name);
  view_.total = inputs_.size();
  view_.kept = plan.kept.size();
  directory_->touch();
}

/// The directory's batch has not ended: an open one gets what it lacks, a sealed one is followed to its end first.
Awaitable<Result<void>> BatchJob::finish_earlier(WorkPlan plan) {
  auto batch = co_await batches_.show(state().batch);
  if (!batch && batch.error().code != Code::not_found) co_return pass(batch);
  const bool gone = !batch || (!state().created_at.empty() && batch->created_at && to_rfc3339(*batch->created_at) != state().created_at);
  if (gone) {
    state().batch.clear();
    state().create_key.clear();
    co_return Result<void>{};
  }
  std::int64_t next = 0;
  std::vector<const Input*> items;
  std::set<std::size_t> going_on(plan.under_way.begin(), plan.under_way.end());
  if (batch->state == "open") {
    auto known = co_await names_at_hub(next);
    if (!known) co_return pass(known);
    going_on.insert(plan.todo.begin(), plan.todo.end());
    for (std::size_t at : going_on) {
      plan.inputs[at].in_batch = true;
      if (!known->contains(inputs_[at].name)) items.push_back(&inputs_[at]);
    }
  } else if (options_.detach && !plan.todo.empty()) {
    co_return fail(Code::conflict, state().batch + " is still running and writes to this directory",
                   "`flotte batch attach " + state().batch + "` first, or give another directory with -o");
  }
  state().sealed = batch->state != "open";
  adopt(plan);
  for (std::size_t at : going_on) tried_.insert(inputs_[at].name);
  board_.say("going on with " + state().batch);
  co_return co_await hand_in_and_follow(next, std::move(items));
}

/// The names of an open batch's items, and the index of the next.
Awaitable<Result<std::set<std::string>>> BatchJob::names_at_hub(std::int64_t& next) {
  std::set<std::string> names;
  std::string cursor;
  do {
    auto page = co_await batches_.items(state().batch, cursor, 1000);
    if (!page) co_return pass(page);
    for (const client::BatchItem& item : page->items) names.insert(item.name);
    if (page->next == cursor) break;
    cursor = page->next;
  } while (!cursor.empty());
  auto index = co_await batches_.next_index(state().batch);
  if (!index) co_return pass(index);
  next = *index;
  co_return names;
}

Awaitable<Result<void>> BatchJob::run_rest() {
  WorkPlan plan = plan_rest();
  std::erase_if(plan.todo, [this](std::size_t at) { return tried_.contains(inputs_[at].name); });
  std::vector<const Input*> items;
  for (std::size_t at : plan.todo) {
    plan.inputs[at].in_batch = true;
    items.push_back(&inputs_[at]);
  }
  if (items.empty()) {
    if (!directory_) {
      // Everything was refused: the rows need a place all the same.
      auto opened = ResultDirectory::open("flotte-refused");
      if (!opened) co_return pass(opened);
      directory_.emplace(std::move(*opened));
    }
    if (tried_.empty()) adopt(plan);
    co_return directory_->save();
  }
  auto expected = co_await estimate(items);
  if (!expected) co_return pass(expected);
  std::string said = render_estimate(*expected);
  said.pop_back();  // the board ends its lines itself
  board_.say(said);
  auto created = co_await create_batch();
  if (!created) co_return created;
  const std::size_t kept = view_.kept;
  adopt(plan);
  if (!tried_.empty()) view_.kept = kept;
  if (auto saved = directory_->save(); !saved) co_return saved;
  remember_directory(session_.common().data, session_.common().url, state().batch, directory_->path());
  co_await warn_of_demonstration();
  co_return co_await hand_in_and_follow(0, std::move(items));
}

Awaitable<Result<void>> BatchJob::create_batch() {
  // A key that was written down before is used again: the answer to it may have been lost.
  std::string key = random_token(18);
  if (directory_ && state().batch.empty() && !state().create_key.empty() && state().arguments == arguments_of(options_))
    key = state().create_key;
  if (directory_) {
    state().arguments = arguments_of(options_);
    state().create_key = key;
    state().batch.clear();
    if (auto saved = directory_->save(); !saved) co_return saved;
  }
  const std::string title = make_batch_title(options_);
  // Another limit is another batch, also where the answer to an earlier try was lost.
  const std::string once = options_.max_cost.empty() ? key : key + "-" + format_usd(*max_cost_pico_usd_);
  auto batch = co_await batches_.create(title, once, max_cost_pico_usd_);
  if (!batch) co_return pass(batch);
  if (!directory_) {
    std::string path = "flotte-" + make_line(batch->id);
    for (int n = 2; ResultDirectory::peek(path); ++n) path = fmt::format("flotte-{}~{}", batch->id, n);
    auto opened = ResultDirectory::open(path);
    if (!opened) co_return pass(opened);
    directory_.emplace(std::move(*opened));
  }
  state().batch = batch->id;
  state().created_at = batch->created_at ? to_rfc3339(*batch->created_at) : "";
  state().create_key = key;
  state().cursor.clear();
  state().sealed = state().finished = false;
  co_return Result<void>{};
}

Awaitable<Result<void>> BatchJob::hand_in_and_follow(std::int64_t first, std::vector<const Input*> items) {
  view_.batch = state().batch;
  view_.to_hand_in = items.size();
  follower_.emplace(batches_, patience_, *directory_, view_, system_clock());
  const auto on_refused = [this](const Input& input, const Error& why) { follower_->refuse(input.name, why); };
  submitter_.emplace(batches_, patience_, pool_, options_.placement, on_refused, view_.handed_in);
  if (options_.detach) {
    auto handed_in = co_await submitter_->run(state().batch, first, std::move(items));
    if (!handed_in) co_return handed_in;
    state().sealed = true;
    co_return directory_->save();
  }
  helpers_.emplace(session_.loop().executor(), "batch");
  if (!state().sealed) helpers_->spawn("submit", hand_in(first, std::move(items)));
  helpers_->spawn("painter", board_.run_painter());
  helpers_->spawn("workers", board_.run_worker_watch());
  auto followed = co_await follower_->run();
  co_await helpers_->close();
  board_.close();
  // What came in before the trouble stays.
  if (!followed) (void)directory_->save();
  final_state_ = view_.state;
  co_return followed;
}

Awaitable<void> BatchJob::hand_in(std::int64_t first, std::vector<const Input*> items) {
  view_.submitting = true;
  auto handed_in = co_await submitter_->run(state().batch, first, std::move(items));
  view_.submitting = false;
  if (!handed_in) {
    follower_->stop(handed_in.error());
    co_return;
  }
  state().sealed = true;
  directory_->touch();
}

Awaitable<void> BatchJob::warn_of_demonstration() {
  const std::string note = co_await find_demonstration_note(session_.fleet(), options_.model);
  if (!note.empty()) board_.say(note);
}

int BatchJob::finish() {
  Summary summary;
  summary.batch = view_.batch;
  summary.state = final_state_;
  summary.directory = directory_->path();
  summary.total = state().inputs.size();
  summary.kept = view_.kept;
  summary.elapsed = std::chrono::duration_cast<seconds>(system_clock().steady() - start_);
  summary.usage = view_.usage;
  summary.spent_limit = view_.spent_limit;
  for (const RememberedInput& input : state().inputs) {
    const auto row = directory_->rows().find(input.name);
    if (row == directory_->rows().end())
      summary.troubles.push_back(make_refused_row(input.name, "", Error(Code::internal, "the hub has no result for it")));
    else if (!row->second.succeeded())
      summary.troubles.push_back(row->second);
    else
      ++summary.succeeded;
  }
  for (const ResultRow& row : summary.troubles) ++(row.state == "cancelled" ? summary.cancelled : summary.failed);
  if (session_.common().json())
    print_json(to_json(summary));
  else
    print(render_summary(summary));
  return summary.troubles.empty() ? status::done : status::failed;
}

void BatchJob::leave() {
  Farewell farewell;
  board_.close();
  if (directory_ && !state().batch.empty()) {
    (void)directory_->save();
    farewell.batch = state().batch;
    farewell.directory = directory_->path();
    farewell.sealed = state().sealed;
    farewell.handed_in = view_.handed_in;
    farewell.to_hand_in = view_.to_hand_in;
    farewell.ended = view_.ended();
    farewell.total = view_.total;
  }
  if (session_.common().json()) return;
  write_all(STDERR_FILENO, render_farewell(farewell) + "\n");
}

}  // namespace flotte::cli
