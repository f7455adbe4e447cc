// ask, task, step and schedule: work that is given to the fleet one by one.
#include "cli/grammar/group.hpp"

#include "cli/command/ask.hpp"
#include "cli/command/schedule.hpp"
#include "cli/command/step.hpp"
#include "cli/command/task.hpp"

namespace flotte::cli::grammar {
namespace {

class Ask final : public Group {
 public:
  explicit Ask(Table& table) : Group(table) {
    CLI::App& app = leaf(table_.app, "ask", "Ask a model; the answer is streamed. Standard input is appended to the prompt");
    app.add_option("prompt", ask_.words, "The question")->type_name("PROMPT");
    app.add_option("-m,--model", ask_.model, "Model name (default: the worker's where one is named, else default)");
    app.add_option("-s,--system", ask_.system, "System message");
    add_placement(app, ask_.placement);
    on(app, [this](const Common& common) { return run_ask(common, ask_); });
  }

 private:
  AskOptions ask_;
};

/// What both `task run` and `schedule add` are given: a prompt or a command.
class WithWords : public Group {
 protected:
  using Group::Group;

  /// What stands behind -- is a command, and a prompt never stands there: what somebody means as a command is not sent to a model.
  void take_words() {
    const auto wrong = [](const std::string& what) { throw CLI::ValidationError(what); };
    if (table_.behind_mark && kind_ == "prompt")
      wrong("what stands behind -- is a command: leave -- out for a prompt, or --kind prompt for a command");
    if (table_.behind_mark && words_.size() > *table_.behind_mark)
      wrong(fmt::format("\"{}\" stands before --, where no word of a command does", words_.front()));
    if (table_.behind_mark || kind_ == "command") {
      task_.command = words_;
      if (!task_.system.empty()) wrong("--system is of a prompt, and this is a command");
      return;
    }
    if (!task_.cwd.empty() || !task_.env.empty()) wrong("--cwd and --env are of a command, which stands behind --");
    task_.prompt = fmt::format("{}", fmt::join(words_, " "));
  }

  TaskRunOptions task_;
  std::vector<std::string> words_;
  std::string kind_;
};

class Tasks final : public WithWords {
 public:
  explicit Tasks(Table& table) : WithWords(table) {
    CLI::App& task = group("task", "Single tasks");
    CLI::App& run = leaf(task, "run", "Run a prompt or a command as a task, wait, and print what it writes");
    run.add_option("--kind", kind_, "prompt or command (default: command where -- stands, else prompt)")
        ->check(CLI::IsMember({"prompt", "command"}));
    run.add_option("words", words_, "The prompt, or behind -- the command and its arguments")
        ->type_name("PROMPT... | -- CMD...")
        ->required();
    run.add_option("-m,--model", task_.model, "Model name (default: the worker's, else default)");
    run.add_option("-s,--system", task_.system, "System message of a prompt");
    run.add_option("--title", task_.title, "What people see in lists");
    run.add_option("--priority", task_.priority, "0 is first, 9 last")->check(CLI::Range(0, 9))->capture_default_str();
    run.add_option("--attempts", task_.attempts, "How often it is tried at most")->check(CLI::Range(1, 100))->capture_default_str();
    run.add_option("--feature", task_.features, "Only a node whose version understands that, such as steps; may be repeated")
        ->allow_extra_args(false);
    run.add_option("--concurrency", task_.concurrency, "At most N of your tasks with that key run at a time, as in site:2 (default: 1)")
        ->type_name("KEY[:N]");
    run.add_option("--unique", task_.unique, "While a task of yours with this name has not ended, give that one instead")
        ->type_name("NAME");
    run.add_option("--cwd", task_.cwd, "Directory of a command, on its node");
    run.add_option("--env", task_.env, "NAME=VALUE for a command; may be repeated")->allow_extra_args(false);
    run.add_option("--after", task_.after,
                   "Only when this task or batch has succeeded; may be repeated. {{after}} in the prompt is its text")
        ->type_name("ID")
        ->allow_extra_args(false);
    run.add_flag("--even-if-failed", task_.even_if_failed, "With --after: also when one of them has failed or was cancelled")
        ->needs("--after");
    run.add_option("--budget", task_.budget, "What its model calls may cost together; then it is stopped")->type_name("USD");
    run.add_option("--not-before", task_.not_before, "Not before this time, as in 2026-11-21T08:30:00Z, or 90m for in 90 minutes");
    run.add_option("--deadline", task_.deadline, "Fails when it has not ended by then; the same way");
    run.add_flag("--detach", task_.detach, "Print the task's id and return");
    add_placement(run, task_.placement);
    on(run, [this](const Common& common) { return run_task(common, task_); }, [this] { take_words(); });

    CLI::App& ls = leaf(task, "ls", "List tasks, newest first");
    add_list_options(ls, "queued, offered, running, waiting, succeeded, failed, cancelled; several with commas");
    ls.add_option("--batch", task_list_.batch, "Only of this batch");
    ls.add_option("--worker", task_list_.worker, "Only by this worker");
    ls.add_option("--node", task_list_.node, "Only on this node");
    on(ls, [this](const Common& common) {
      task_list_.state = state_;
      task_list_.limit = limit_;
      return run_task_ls(common, task_list_);
    });

    CLI::App& logs = leaf(task, "logs", "Print what a task wrote");
    logs.add_option("task", id_, "Id of the task")->type_name("TASK")->required();
    logs.add_option("--attempt", attempt_, "Of this attempt (default: the newest)")->check(CLI::Range(1, 1'000'000));
    logs.add_flag("-f,--follow", follow_, "From the beginning, and on to its end as it comes")->excludes("--attempt");
    on(logs, [this](const Common& common) { return follow_ ? run_task_follow(common, id_) : run_task_logs(common, id_, attempt_); });

    CLI::App& step = leaf(table_.app, "step", "Inside a task's command: run CMD once per task and name, across attempts");
    step.add_option("name", step_.name, "The same at every attempt")->type_name("NAME")->required();
    step.add_option("command", step_.command, "Behind --: the command and its arguments")->type_name("-- CMD...")->required();
    on(step, [this](const Common& common) { return run_step(common, step_); });

    add_by_id(task, "show", "TASK", "Show a task with the story of its attempts", run_task_show);
    add_by_id(task, "why", "TASK", "Why a task is where it is", run_task_why);
    constexpr std::pair<const char*, const char*> actions[] = {{"cancel", "Cancel tasks"}, {"retry", "The same again as new tasks"}};
    for (const auto& [name, about] : actions) {
      CLI::App& action = leaf(task, name, about);
      action.add_option("id", ids_, "Their ids")->type_name("TASK...")->required();
      on(action, [this, what = std::string(name)](const Common& common) { return run_task_action(common, ids_, what); });
    }
  }

 private:
  TaskListOptions task_list_;
  StepOptions step_;
  std::vector<std::string> ids_;
  int attempt_ = 0;
  bool follow_ = false;
};

class Schedules final : public WithWords {
 public:
  explicit Schedules(Table& table) : WithWords(table) {
    CLI::App& schedule = group("schedule", "Tasks that the clock submits");
    CLI::App& add = leaf(schedule, "add", "A prompt or a command, again and again");
    add.add_option("name", schedule_.name, "What it is called")->type_name("NAME")->required();
    add.add_option("cron", schedule_.cron,
                   "Minute hour day month weekday, as in \"30 2 * * *\"; or @hourly, @daily, @weekly, @monthly, @yearly")
        ->type_name("CRON")
        ->required();
    add.add_option("words", words_, "The prompt, or behind -- the command and its arguments")
        ->type_name("PROMPT... | -- CMD...")
        ->required();
    add.add_option("--zone", schedule_.zone, "Time zone of the expression, as in Europe/Berlin (default: this machine's)");
    add.add_option("--catch-up", schedule_.catch_up, "What is done about instants that passed while the hub was away: none, last, all")
        ->check(CLI::IsMember({"none", "last", "all"}))
        ->capture_default_str();
    add.add_option("--catch-up-limit", schedule_.catch_up_limit, "Of all: the newest of them")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add.add_option("--overlap", schedule_.overlap, "run, or skip an instant while the last one's task has not ended")
        ->check(CLI::IsMember({"run", "skip"}))
        ->capture_default_str();
    add.add_flag("--paused", schedule_.paused, "Begin paused");
    add_work(add);
    on(
        add,
        [this](const Common& common) {
          schedule_.task = task_;
          return run_schedule_add(common, schedule_);
        },
        [this] { take_words(); });
    add_edit(schedule);
    on(leaf(schedule, "ls", "List schedules and when each comes next"), run_schedule_ls);
    add_by_id(schedule, "show", "SCHEDULE", "Show a schedule, what comes next and what it has made", run_schedule_show);
    constexpr std::pair<const char*, const char*> actions[] = {{"pause", "Make nothing, until `schedule resume`"},
                                                               {"resume", "Go on; what passed meanwhile is not made up for"},
                                                               {"run", "Once, now"},
                                                               {"rm", "Forget it; what it has made stays"}};
    for (const auto& [name, about] : actions)
      add_by_id(schedule, name, "SCHEDULE", about,
                [what = std::string(name)](const Common& common, const std::string& id) { return run_schedule_action(common, id, what); });
  }

 private:
  /// What it makes, beside the words.
  void add_work(CLI::App& app) {
    app.add_option("--kind", kind_, "prompt or command (default: command where -- stands, else prompt)")
        ->check(CLI::IsMember({"prompt", "command"}));
    app.add_option("-m,--model", task_.model, "Model name (default: the worker's, else default)");
    app.add_option("-s,--system", task_.system, "System message of a prompt");
    app.add_option("--budget", task_.budget, "What each task's model calls may cost")->type_name("USD");
    add_placement(app, task_.placement);
  }

  void add_edit(CLI::App& schedule) {
    CLI::App& edit = leaf(schedule, "edit", "Change when it comes, or what it makes; the rest stays");
    edit.add_option("name", edit_.name, "Which")->type_name("SCHEDULE")->required();
    edit.add_option("--cron", edit_.cron, "Minute hour day month weekday, as for `schedule add`")->type_name("CRON");
    edit.add_option("--zone", edit_.zone, "Time zone of the expression, as in Europe/Berlin");
    edit.add_option("--catch-up", edit_.catch_up, "What is done about instants that passed while the hub was away: none, last, all")
        ->check(CLI::IsMember({"none", "last", "all"}));
    edit.add_option("--catch-up-limit", edit_.catch_up_limit, "Of all: the newest of them")->check(CLI::Range(1, 1000));
    edit.add_option("--overlap", edit_.overlap, "run, or skip an instant while the last one's task has not ended")
        ->check(CLI::IsMember({"run", "skip"}));
    const std::size_t of_when = edit.get_options().size();
    edit.add_option("words", words_, "Another prompt, or behind -- another command, in place of what it makes")
        ->type_name("PROMPT... | -- CMD...");
    add_work(edit);
    on(
        edit, [this](const Common& common) { return run_schedule_edit(common, edit_); },
        [this, &edit, of_when] {
          const auto options = edit.get_options();
          if (words_.empty()) {
            for (std::size_t i = of_when; i < options.size(); ++i)
              if (options[i]->count() > 0)
                throw CLI::ValidationError(options[i]->get_name() + " is of what it makes: say the whole prompt or command again");
            return;
          }
          take_words();
          edit_.task = task_;
        });
  }

  ScheduleOptions schedule_;
  ScheduleEdit edit_;
};

}  // namespace

std::unique_ptr<Group> make_ask(Table& table) { return std::make_unique<Ask>(table); }
std::unique_ptr<Group> make_tasks(Table& table) { return std::make_unique<Tasks>(table); }
std::unique_ptr<Group> make_schedules(Table& table) { return std::make_unique<Schedules>(table); }

}  // namespace flotte::cli::grammar
