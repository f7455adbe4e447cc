// Following one task.
#include "cli/command/task_follow.hpp"

#include <unistd.h>

#include "base/async/wait.hpp"
#include "base/money.hpp"
#include "cli/batch/patience.hpp"
#include "cli/command/why.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

void tell(const std::string& text) { write_all(STDERR_FILENO, "flotte: " + make_line(text) + "\n"); }

/// Why a task without an error of its own did not succeed.
Error end_of(const wire::TaskView& view) {
  if (view.reason == wire::Reason::budget && view.budget_pico_usd)
    return Error(Code::cancelled,
                 fmt::format("${} of its budget of ${} is spent, and the next call might cost more than the rest",
                             format_usd(view.usage.cost_pico_usd), format_usd(*view.budget_pico_usd)),
                 fmt::format("a larger --budget; `flotte task show {}` shows what it did", view.id));
  if (view.reason == wire::Reason::budget) return Error(Code::cancelled, "its batch has reached its limit of cost", "a larger --max-cost");
  if (view.reason == wire::Reason::dependency)
    return Error(Code::cancelled, "what it comes after did not succeed", fmt::format("`flotte task why {}` names it", view.id));
  return Error(Code::cancelled, "somebody cancelled it");
}

class TaskFollower {
 public:
  TaskFollower(Session& session, std::string id)
      : session_(session),
        id_(std::move(id)),
        quiet_(session.common().json()),
        patience_([](const std::string& trouble) { tell(trouble.empty() ? "the hub is back" : trouble); }),
        helpers_(session.loop().executor(), "task") {}

  Awaitable<Result<int>> run() {
    if (!quiet_) helpers_.spawn("why", tell_why());
    auto ended = co_await follow();
    co_await helpers_.close();
    if (!ended) co_return pass(ended);
    co_return co_await finish();
  }

 private:
  Awaitable<Result<void>> follow() {
    std::function<Awaitable<Result<bool>>()> read = [this] { return read_events(); };
    while (!ended_) {
      auto more = co_await patience_.ask(read);
      if (!more) co_return pass(more);
      // A stream that ended early without trouble: do not ask again in a tight circle.
      if (ended_) break;
      if (!co_await sleep_for(std::chrono::milliseconds(200))) co_return fail(Code::cancelled, "interrupted");
    }
    co_return Result<void>{};
  }

  /// A task that nobody takes looks like a task that takes long: say which it is.
  Awaitable<void> tell_why() {
    const bool waited = co_await sleep_for(std::chrono::seconds(3));
    if (!waited || started_) co_return;
    const std::string why = co_await find_why(session_.fleet(), id_);
    if (!why.empty() && !started_) tell(id_ + ": " + why);
  }

  Awaitable<Result<bool>> read_events() {
    auto events = co_await session_.fleet().task_events(id_, last_);
    if (!events) co_return pass(events);
    while (!ended_) {
      auto event = co_await events->next();
      if (!event) co_return pass(event);
      if (!*event) break;
      auto parsed = client::parse_task_event(**event);
      if (!parsed) co_return pass(parsed);
      take(*parsed);
      if (!parsed->number.empty()) last_ = parsed->number;
    }
    co_return true;
  }

  void take(const client::TaskEvent& event) {
    const json::object& body = event.body;
    if (event.type == "output") return take_output(json::string_or(body, "stream", "text"), json::string_or(body, "text", ""));
    if (event.type == "end") {
      ended_ = true;
      if (const json::object* task = json::get_object(body, "task")) task_ = *task;
    }
    if (event.type == "started" || event.type == "end") started_ = true;
    if (quiet_) return;
    const std::string message = json::string_or(body, "message", "");
    if (event.type == "lost") tell("the run was lost" + (message.empty() ? "" : ": " + message) + "; another attempt follows");
    if (event.type == "state" && json::string_or(body, "state", "") == "waiting")
      tell(fmt::format("{} waits {}{}", id_, describe_reason(json::string_or(body, "reason", "")), message.empty() ? "" : ": " + message));
  }

  void take_output(const std::string& stream, const std::string& text) {
    if (quiet_ || text.empty()) return;
    if (stream == "stderr") {
      write_all(STDERR_FILENO, text);
      return;
    }
    print(text);
    said_something_ = true;
    open_line_ = !text.ends_with('\n');
  }

  Awaitable<Result<int>> finish() {
    auto view = wire::TaskView::from_json(task_);
    if (!view) {
      auto fresh = co_await session_.fleet().get(client::make_path("tasks", id_));
      if (!fresh) co_return pass(fresh);
      task_ = std::move(*fresh);
      view = wire::TaskView::from_json(task_);
      if (!view) co_return pass(view);
    }
    if (quiet_) {
      print_json(json::value(task_));
      co_return view->state == wire::TaskState::succeeded ? status::done : status::failed;
    }
    if (!said_something_ && view->state == wire::TaskState::succeeded) {
      auto text = co_await result_text(*view);
      if (!text) co_return pass(text);
      take_output("text", *text);
    }
    if (open_line_ && view->kind != wire::TaskKind::command) print("\n");
    if (view->state == wire::TaskState::succeeded) co_return status::done;
    Error why = view->error.value_or(end_of(*view));
    why.code = Code::io;
    why.message = fmt::format("{} {}: {}", id_, wire::to_string(view->state), why.message);
    if (why.hint.empty()) why.hint = "`flotte task show " + id_ + "` tells its story";
    report(why, Output::text);
    co_return status::failed;
  }

  Awaitable<Result<std::string>> result_text(const wire::TaskView& view) {
    const json::object* result = view.result.if_object();
    if (!result) co_return std::string();
    const std::string blob = json::string_or(*result, "blob", "");
    if (blob.empty()) co_return json::string_or(*result, "text", "");
    co_return co_await session_.fleet().get_text(client::make_path("blobs", blob));
  }

  Session& session_;
  std::string id_;
  bool quiet_;
  Patience patience_;
  std::string last_;
  json::object task_;
  Scope helpers_;
  bool started_ = false, ended_ = false, said_something_ = false, open_line_ = false;
};

}  // namespace

Awaitable<Result<int>> follow_task(Session& session, std::string id) {
  TaskFollower follower(session, std::move(id));
  co_return co_await follower.run();
}

}  // namespace flotte::cli
