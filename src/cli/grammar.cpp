// Commands and options.
#include "cli/grammar.hpp"

#include <CLI/CLI.hpp>

#include "base/nearest.hpp"
#include "base/units.hpp"
#include "cli/command/ask.hpp"
#include "cli/command/batch.hpp"
#include "cli/command/clients.hpp"
#include "cli/command/fleet.hpp"
#include "cli/command/flows.hpp"
#include "cli/command/import.hpp"
#include "cli/command/operation.hpp"
#include "cli/command/provider.hpp"
#include "cli/command/requests.hpp"
#include "cli/command/schedule.hpp"
#include "cli/command/service.hpp"
#include "cli/command/step.hpp"
#include "cli/command/task.hpp"
#include "cli/command/workers.hpp"
#include "cli/command_first.hpp"

namespace flotte::cli {
namespace {

/// Commands of the same binary that are not ours to parse: they appear in the help and in "did you mean".
constexpr std::array<std::pair<const char*, const char*>, 4> elsewhere{{{"up", "a hub with its own node, on this machine"},
                                                                        {"hub", "the same for a server: only what is configured"},
                                                                        {"node run", "this machine as a node of a hub"},
                                                                        {"doctor", "what is there, what is missing, what to do"}}};

/// "" or what is wrong with an amount of memory.
std::string is_size(const std::string& text) {
  const auto bytes = parse_size(text);
  return bytes && *bytes > 0 ? std::string() : "'" + text + "' is no size; it looks like 16G or 800M";
}

class Grammar {
 public:
  Grammar() : app_("flotte: one door to every model, and a fleet that works through what you give it", "flotte") {
    app_.require_subcommand(1);
    app_.set_help_all_flag("--help-all", "Help for every command");
    app_.set_version_flag("--version", "flotte " FLOTTE_VERSION);
    add_common(app_);
    add_ask();
    add_batch();
    add_task();
    add_schedules();
    add_fleet();
    add_keys();
    add_service();
    on(leaf(app_, "reload", "The hub reads its configuration file again; a bad one changes nothing"), run_reload);
    CLI::App& litellm = leaf(group("import", "What another program was told, as a configuration of flotte's"), "litellm",
                             "The config.yaml of a LiteLLM proxy");
    litellm.add_option("file", import_.file, "The file; - for standard input")->type_name("FILE")->required();
    litellm.add_option("-o,--output", import_.output, "A new file (default: standard output)")->type_name("FILE");
    on(litellm, [this](const Common& common) { return run_import_litellm(common, import_); });
    add_requests();
    add_providers();
    add_clients();
    CLI::App& version = leaf(app_, "version", "Print the version");
    on(version, [](const Common& common) {
      if (common.json())
        print_json(json::object{{"version", FLOTTE_VERSION}});
      else
        print("flotte " FLOTTE_VERSION "\n");
      return status::done;
    });
    // Last, because a command inherits the footer that stands when it is made.
    std::string footer = "Servers (see `flotte COMMAND --help`):\n";
    for (const auto& [name, about] : elsewhere) footer += fmt::format("  {:<26}{}\n", name, about);
    app_.footer(footer);
  }

  Parsed parse(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == "help") arguments = command_first(arguments);
    if (auto unknown = find_unknown_command(arguments)) return *unknown;
    if (const auto mark = std::find(arguments.begin(), arguments.end(), "--"); mark != arguments.end())
      behind_mark_ = static_cast<std::size_t>(arguments.end() - mark) - 1;
    std::reverse(arguments.begin(), arguments.end());
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      const std::string path = path_of(deepest());
      const std::size_t end = path.rfind(' ');  // CLI11 writes the last word itself
      return Told{deepest().help(end == std::string::npos ? "" : path.substr(0, end))};
    } catch (const CLI::CallForVersion& version) {
      return Told{std::string(version.what()) + "\n"};
    } catch (const CLI::CallForAllHelp&) {
      return Told{app_.help("", CLI::AppFormatMode::All)};
    } catch (const CLI::ParseError& error) {
      return explain(error);
    }
    return Chosen{common_, run_};
  }

 private:
  using Run = std::function<int(const Common&)>;

  /// `check` throws CLI::ParseError where the options do not go together.
  void on(CLI::App& app, Run run, std::function<void()> check = {}) {
    app.callback([this, run = std::move(run), check = std::move(check)] {
      if (check) check();
      run_ = run;
    });
  }

  /// What stands behind -- is a command, and a prompt never stands there: what somebody means as a command is not sent to a model.
  void take_words() {
    const auto wrong = [](const std::string& what) { throw CLI::ValidationError(what); };
    if (behind_mark_ && kind_ == "prompt") wrong("what stands behind -- is a command: leave -- out for a prompt, or --kind prompt for a command");
    if (behind_mark_ && words_.size() > *behind_mark_)
      wrong(fmt::format("\"{}\" stands before --, where no word of a command does", words_.front()));
    if (behind_mark_ || kind_ == "command") {
      task_.command = words_;
      if (!task_.system.empty()) wrong("--system is of a prompt, and this is a command");
      return;
    }
    if (!task_.cwd.empty() || !task_.env.empty()) wrong("--cwd and --env are of a command, which stands behind --");
    task_.prompt = fmt::format("{}", fmt::join(words_, " "));
  }

  CLI::App& leaf(CLI::App& parent, const std::string& name, const std::string& about) {
    CLI::App& app = *parent.add_subcommand(name, about);
    add_common(app);
    return app;
  }

  CLI::App& group(const std::string& name, const std::string& about) {
    CLI::App& app = *app_.add_subcommand(name, about);
    app.require_subcommand(1);
    return app;
  }

  void add_common(CLI::App& app) {
    const std::string section = "Common";
    app.add_option("--url", common_.url, "Address of the hub (FLOTTE_URL; default http://127.0.0.1:7700)")->take_last()->group(section);
    app.add_option("--key", common_.key, "Client key (FLOTTE_KEY; default DATA/admin.key)")->take_last()->group(section);
    app.add_option("--data", common_.data, "Data directory (FLOTTE_DATA; default $XDG_DATA_HOME/flotte)")->take_last()->group(section);
    app.add_option("--config", common_.config, "Configuration file (FLOTTE_CONFIG)")->take_last()->group(section);
    app.add_option("--ca", common_.ca, "PEM file with the authority of an https hub (FLOTTE_CA)")->take_last()->group(section);
    app.add_flag("--json", common_.json, "Machine-readable output and errors")->group(section);
  }

  static void add_placement(CLI::App& app, Placement& placement) {
    const std::string section = "Who does it";
    app.add_option("--worker", placement.worker, "Only the worker of this name")->group(section);
    app.add_option("--node", placement.node, "Only on the node of this name")->group(section);
    app.add_option("--label", placement.labels, "Only a worker with this label; may be repeated")->allow_extra_args(false)->group(section);
    app.add_flag("--exclusive", placement.exclusive, "Nothing else runs on that node meanwhile")->group(section);
    const auto at_least = [&placement](const char* what) {
      return [&placement, what](const std::string& amount) { placement.labels.push_back(std::string(what) + ">=" + amount); };
    };
    app.add_option_function<std::string>("--min-memory", at_least("memory"), "Only on a machine with so much memory, as in 16G")
        ->type_name("SIZE")
        ->check(CLI::Validator(is_size, ""))
        ->group(section);
    app.add_option_function<std::string>("--min-vram", at_least("vram"), "Only on a machine with a GPU of so much memory, as in 8G")
        ->type_name("SIZE")
        ->check(CLI::Validator(is_size, ""))
        ->group(section);
  }

  void add_ask() {
    CLI::App& app = leaf(app_, "ask", "Ask a model; the answer is streamed. Standard input is appended to the prompt");
    app.add_option("prompt", ask_.words, "The question")->type_name("PROMPT");
    app.add_option("-m,--model", ask_.model, "Model name (default: the worker's where one is named, else default)");
    app.add_option("-s,--system", ask_.system, "System message");
    add_placement(app, ask_.placement);
    on(app, [this](const Common& common) { return run_ask(common, ask_); });
  }

  void add_batch() {
    CLI::App& batch = group("batch", "Work through many documents or prompts");
    CLI::App& run = leaf(batch, "run", "Do something with every document below PATH, and every prompt in .jsonl files");
    run.add_option("path", batch_.paths, "Files and directories: text, Markdown, HTML, PDF, DOCX, EPUB, e-mail, JSON Lines")
        ->type_name("PATH")
        ->required();
    run.add_option("-p,--prompt", batch_.prompt, "What to do with each document; put before each prompt of a .jsonl file");
    run.add_option("-m,--model", batch_.model, "Model name (default: the worker's where one is named, else default)");
    run.add_option("-o,--output", batch_.output, "Directory for the results (default: flotte-BATCH)")->type_name("DIR");
    run.add_flag("--detach", batch_.detach, "Hand everything in, print the batch's id and return");
    run.add_option("--max-cost", batch_.max_cost, "Start nothing more when that many dollars are spent")->type_name("USD");
    run.add_flag("--dry-run", batch_.dry_run, "Only estimate: how many tasks, tokens and dollars; nothing is started");
    add_placement(run, batch_.placement);
    on(run, [this](const Common& common) { return run_batch(common, batch_); });

    CLI::App& attach = leaf(batch, "attach", "Follow a batch again and write its results to the same directory");
    attach.add_option("batch", attach_.batch, "Id of the batch")->type_name("BATCH")->required();
    attach.add_option("-o,--output", attach_.output, "Another directory")->type_name("DIR");
    on(attach, [this](const Common& common) { return run_batch_attach(common, attach_); });

    CLI::App& ls = leaf(batch, "ls", "List batches, newest first");
    add_list_options(ls, "open, running, paused, done, cancelled");
    on(ls, [this](const Common& common) { return run_batch_ls(common, state_, limit_); });

    add_by_id(batch, "show", "BATCH", "Show a batch", run_batch_show);
    add_by_id(batch, "cancel", "BATCH", "Cancel what has not ended",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "cancel"); });
    add_by_id(batch, "pause", "BATCH", "Start nothing more of it; what runs, runs to its end",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "pause"); });
    add_by_id(batch, "resume", "BATCH", "Go on after a pause",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "resume"); });
    add_by_id(batch, "retry", "BATCH", "Try again what failed or was cancelled",
              [](const Common& common, const std::string& id) { return run_batch_action(common, id, "retry"); });
  }

  void add_task() {
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
    run.add_option("--unique", task_.unique, "While a task of yours with this name has not ended, give that one instead")->type_name("NAME");
    run.add_option("--cwd", task_.cwd, "Directory of a command, on its node");
    run.add_option("--env", task_.env, "NAME=VALUE for a command; may be repeated")->allow_extra_args(false);
    run.add_option("--after", task_.after, "Only when this task or batch has succeeded; may be repeated. {{after}} in the prompt is its text")
        ->type_name("ID")
        ->allow_extra_args(false);
    run.add_flag("--even-if-failed", task_.even_if_failed, "With --after: also when one of them has failed or was cancelled")->needs("--after");
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
    on(logs, [this](const Common& common) { return run_task_logs(common, id_, attempt_); });

    CLI::App& step = leaf(app_, "step", "Inside a task's command: run CMD once per task and name, across attempts");
    step.add_option("name", step_.name, "The same at every attempt")->type_name("NAME")->required();
    step.add_option("command", step_.command, "Behind --: the command and its arguments")->type_name("-- CMD...")->required();
    on(step, [this](const Common& common) { return run_step(common, step_); });

    add_by_id(task, "show", "TASK", "Show a task with the story of its attempts", run_task_show);
    add_by_id(task, "why", "TASK", "Why a task is where it is", run_task_why);
    add_by_id(task, "cancel", "TASK", "Cancel a task",
              [](const Common& common, const std::string& id) { return run_task_action(common, id, "cancel"); });
    add_by_id(task, "retry", "TASK", "The same again as a new task",
              [](const Common& common, const std::string& id) { return run_task_action(common, id, "retry"); });
  }

  void add_schedules() {
    CLI::App& schedule = group("schedule", "Tasks that the clock submits");
    CLI::App& add = leaf(schedule, "add", "A prompt or a command, again and again");
    add.add_option("name", schedule_.name, "What it is called")->type_name("NAME")->required();
    add.add_option("cron", schedule_.cron, "Minute hour day month weekday, as in \"30 2 * * *\"; or @hourly, @daily, @weekly, @monthly, @yearly")
        ->type_name("CRON")
        ->required();
    add.add_option("words", words_, "The prompt, or behind -- the command and its arguments")->type_name("PROMPT... | -- CMD...")->required();
    add.add_option("--zone", schedule_.zone, "Time zone of the expression, as in Europe/Berlin (default: this machine's)");
    add.add_option("--catch-up", schedule_.catch_up, "What is done about instants that passed while the hub was away: none, last, all")
        ->check(CLI::IsMember({"none", "last", "all"}))
        ->capture_default_str();
    add.add_option("--catch-up-limit", schedule_.catch_up_limit, "Of all: the newest of them")->check(CLI::Range(1, 1000))->capture_default_str();
    add.add_option("--overlap", schedule_.overlap, "run, or skip an instant while the last one's task has not ended")
        ->check(CLI::IsMember({"run", "skip"}))
        ->capture_default_str();
    add.add_flag("--paused", schedule_.paused, "Begin paused");
    add.add_option("--kind", kind_, "prompt or command (default: command where -- stands, else prompt)")
        ->check(CLI::IsMember({"prompt", "command"}));
    add.add_option("-m,--model", task_.model, "Model name (default: the worker's, else default)");
    add.add_option("-s,--system", task_.system, "System message of a prompt");
    add.add_option("--budget", task_.budget, "What each task's model calls may cost")->type_name("USD");
    add_placement(add, task_.placement);
    on(
        add,
        [this](const Common& common) {
          schedule_.task = task_;
          return run_schedule_add(common, schedule_);
        },
        [this] { take_words(); });
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

  void add_fleet() {
    CLI::App& node = group("node", "The machines of the fleet");
    on(leaf(node, "ls", "List nodes and their engines"), run_node_ls);
    CLI::App& invite = leaf(node, "invite", "A line to paste on a machine that is to join");
    add_node_settings(invite, "What the machine will be called (default: its host name)");
    on(invite, [this](const Common& common) { return run_node_invite(common, node_settings()); });
    CLI::App& set = leaf(node, "set", "Rename a node or label it; nothing is edited on the machine itself");
    set.add_option("id", id_, "Its id or name")->type_name("NODE")->required();
    add_node_settings(set, "Its new name");
    set.add_flag("--no-labels", no_labels_, "Take away all labels that were given here")->excludes("--label");
    on(set, [this](const Common& common) { return run_node_set(common, id_, node_settings()); });
    CLI::App& sleep = leaf(node, "suspend", "It goes to sleep: its commands stay its own for a while and go on when it wakes");
    sleep.add_option("id", id_, "Its id or name")->type_name("NODE")->required();
    sleep.add_option("--seconds", sleep_seconds_, "It stays away at most so long where nothing wakes it")->check(CLI::Range(1, 604'800));
    on(sleep, [this](const Common& common) { return run_node_suspend(common, id_, sleep_seconds_); });
    add_by_id(node, "drain", "NODE", "Give it no new work, until `node resume`", run_node_drain);
    add_by_id(node, "resume", "NODE", "Give it work again after `node drain`", run_node_resume);
    add_by_id(node, "rm", "NODE", "Revoke it for ever", run_node_rm);
    add_by_id(node, "show", "NODE", "What its machine has, and what was seen there and cannot be used", run_node_show);
    add_by_id(node, "wake", "NODE", "Call a machine that sleeps, through a node in its network", run_node_wake);

    CLI::App& worker = group("worker", "Who does the work");
    CLI::App& workers = leaf(worker, "ls", "List workers and what each is on");
    workers.add_option("--node", node_, "Only of this node");
    on(workers, [this](const Common& common) { return run_worker_ls(common, node_); });
    add_definitions(worker);
    add_holds(worker, "workers", "WORKER", "worker");
    CLI::App& flow = group("flow", "Sub-queues: tasks that share owner, project, needs and limits");
    CLI::App& flows = leaf(flow, "ls", "List those that have work: shares, who waits for what");
    flows.add_option("--owner", flows_.owner, "Only of this key, by name");
    flows.add_option("--project", flows_.project, "Only of this project");
    on(flows, [this](const Common& common) { return run_flow_ls(common, flows_); });
    add_holds(flow, "flows", "FLOW", "flow");
    CLI::App& project = group("project", "Projects: their shares and pauses");
    on(leaf(project, "ls", "List projects that have work, a weight or a pause"), run_project_ls);
    add_holds(project, "projects", "PROJECT", "project");
    on(leaf(group("model", "What can be asked for"), "ls", "List model names and what each stands for"), run_model_ls);

    CLI::App& usage = leaf(app_, "usage", "Tokens and money");
    usage.add_option("--by", usage_.by, "model, provider, target, key, worker, task or day")
        ->check(CLI::IsMember({"model", "provider", "target", "key", "worker", "task", "day"}))
        ->capture_default_str();
    usage.add_option("--from", usage_.from, "Since this time, as in 2026-11-21T08:00:00Z");
    usage.add_option("--to", usage_.to, "Until this time");
    usage.add_option("--last", usage_.last, "Of so long until now, as in 7d or 12h")->type_name("TIME")->excludes("--from");
    on(usage, [this](const Common& common) { return run_usage(common, usage_); });
  }

  /// `pause` and `resume` of a thing.
  void add_holds(CLI::App& of, const std::string& kind, const std::string& type, const std::string& word) {
    for (const std::string what : {"pause", "resume"})
      add_by_id(of, what, type, what == "pause" ? "Start nothing new of a " + word + "; what runs, runs to its end" : "Let a " + word + " start again",
                [kind, what](const Common& common, const std::string& id) { return run_hold(common, kind, id, what); });
  }

  /// Workers that the hub gives to a node: nobody edits a file there.
  void add_definitions(CLI::App& worker) {
    add_by_id(worker, "show", "WORKER", "Show a worker, as NAME@NODE", run_worker_show);
    CLI::App& add = leaf(worker, "add", "Give a node a model worker; nothing is edited on the machine itself");
    CLI::App& set = leaf(worker, "set", "Change a worker that was added here; what is not given stays");
    for (CLI::App* app : {&add, &set}) {
      app->add_option("name", definition_.name, "Its name, or NAME@NODE")->type_name("NAME")->required();
      app->add_option("--node", definition_.node, "On the node of this name (default: home)");
      app->add_option("-m,--model", definition_.model, "What it works with, one of `flotte model ls`")->type_name("MODEL");
      app->add_option("--slots", definition_.slots, "Tasks at the same time")->check(CLI::Range(1, 10'000));
      app->add_option_function<std::vector<std::string>>(
             "--label", [this](const std::vector<std::string>& labels) { definition_.labels = labels; },
             "A label for tasks to ask for; may be repeated")
          ->allow_extra_args(false);
      app->add_flag_function(
          "--exclusive,!--not-exclusive", [this](std::int64_t count) { definition_.exclusive = count > 0; },
          "Nothing else runs on its node while it works");
    }
    set.add_flag_function(
        "--no-labels", [this](std::int64_t) { definition_.labels = std::vector<std::string>(); }, "Take away its labels");
    add.get_option("--model")->required();
    on(add, [this](const Common& common) { return run_worker_add(common, definition_); });
    on(set, [this](const Common& common) { return run_worker_set(common, definition_); });
    add_by_id(worker, "rm", "WORKER", "Take away a worker that was added here", run_worker_rm);
  }

  void add_requests() {
    CLI::App& requests = group("requests", "The last model calls, with both sides: the flight recorder");
    CLI::App& ls = leaf(requests, "ls", "List them, newest first");
    ls.add_option("--of-key", requests_.key, "Only of this key, by name or id");
    ls.add_option("-m,--model", requests_.model, "Only for this model or target");
    ls.add_option("--status", requests_.status, "429, 5xx, ok, error or live");
    ls.add_option("--task", requests_.task, "Only of this task");
    ls.add_option("--limit", requests_.limit, "At most this many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
    on(ls, [this](const Common& common) { return run_requests_ls(common, requests_); });
    add_by_id(requests, "show", "REQUEST", "Show both sides, the targets that were asked, and why others were not", run_requests_show);
    add_by_id(requests, "replay", "REQUEST", "Send it again and print the new one's id; needs [hub] record = \"bodies\"",
              run_requests_replay);
  }

  void add_service() {
    CLI::App& service = group("service", "Hub or node as a systemd service");
    CLI::App& install = leaf(service, "install", "Start it now and with the machine; what it is, the data directory says");
    CLI::App& remove = leaf(service, "remove", "Stop it and take the unit away; its data stays");
    for (CLI::App* app : {&install, &remove}) {
      app->add_option("part", service_.what, "hub or node")->check(CLI::IsMember({"hub", "node"}));
      app->add_flag("--hub", service_.hub, "The hub");
      app->add_flag("--node", service_.node, "The node");
      app->add_flag("--user", service_.user, "Of your own systemd; always so where you are not root");
    }
    install.add_flag("--lan", service_.lan, "The hub listens on every address of this machine");
    install.add_option("--join", service_.join, "URL#CODE from `flotte node invite`, for a node that has not joined yet");
    install.add_option("--writable", service_.writable, "A directory that it may write to, beside its data; may be repeated")
        ->type_name("DIR")
        ->allow_extra_args(false);
    install.add_flag("--print", service_.print, "Print the unit and do nothing");
    on(install, [this](const Common& common) { return run_service_install(common, service_); });
    on(remove, [this](const Common& common) { return run_service_remove(common, service_); });
  }

  void add_node_settings(CLI::App& app, const std::string& about_name) {
    app.add_option("--name", node_name_, about_name)->type_name("NAME");
    app.add_option("--label", node_labels_, "A label for tasks to ask for; may be repeated, replaces those given before")
        ->allow_extra_args(false)
        ->type_name("LABEL");
  }

  NodeSettings node_settings() const {
    NodeSettings out{node_name_, std::nullopt};
    if (no_labels_ || !node_labels_.empty()) out.labels = node_labels_;
    return out;
  }

  void add_keys() {
    CLI::App& keys = group("key", "Client keys");
    CLI::App& add = leaf(keys, "add", "Make a key; it is shown once");
    add.add_option("name", key_.name, "Whose it is")->type_name("NAME")->required();
    add.add_option("--scope", key_.scopes, "models, tasks, commands or admin, as in models,tasks; may be repeated (default: models and tasks)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"models", "tasks", "commands", "admin"}));
    add.add_option("--model,--models", key_.models, "Only these models, as in a,b; may be repeated")
        ->delimiter(',')
        ->allow_extra_args(false);
    add.add_option("--provider,--providers", key_.providers, "Its calls go only to these providers or engines (NAME@NODE), as in a,b")
        ->delimiter(',')
        ->allow_extra_args(false);
    add.add_option("--rpm", key_.rpm, "At most so many requests a minute")->check(CLI::Range(1, 1'000'000));
    add.add_option("--weight", key_.weight, "Its share of the fleet against other keys' tasks (default: 1)")->check(CLI::Range(0.01, 1'000.0));
    add.add_option("--budget-day", key_.budget_day, "At most so many dollars a day (UTC), as in 5 or 0.50")->type_name("USD");
    add.add_option("--budget-month", key_.budget_month, "At most so many dollars a month")->type_name("USD");
    on(add, [this](const Common& common) {
      if (key_.scopes.empty()) key_.scopes = {"models", "tasks"};
      return run_key_add(common, key_);
    });
    on(leaf(keys, "ls", "List keys"), run_key_ls);
    CLI::App& key_set = leaf(keys, "set", "Change a key's share of the fleet");
    key_set.add_option("key", id_, "Its id or name")->type_name("KEY")->required();
    key_set.add_option("--weight", key_.weight, "Against the other keys' tasks; everybody else has 1")
        ->check(CLI::Range(0.01, 1'000.0))
        ->required();
    on(key_set, [this](const Common& common) { return run_key_weight(common, id_, key_.weight); });
    add_by_id(keys, "rm", "KEY", "Revoke a key", run_key_rm);
  }

  void add_providers() {
    CLI::App& providers = group("provider", "Whose models can be asked with an API key");
    on(leaf(providers, "ls", "List providers and where each comes from"), run_provider_ls);
    CLI::App& add = leaf(providers, "add", "Test a key and use it at once; the key comes from standard input");
    add.add_option("vendor", provider_.vendor, "openai, anthropic, gemini or mistral; others need --base-url")->type_name("VENDOR");
    add.add_option("--base-url", provider_.base_url, "Address of an OpenAI-compatible server, as https://host/v1");
    add.add_option("--name", provider_.name, "What it is called here (default: the vendor's name)");
    add.add_option("--api-key", provider_.key_from, "Where the key is: env:NAME, or - for standard input")->capture_default_str();
    add.add_flag("--test", provider_.test_only, "Test the key and store nothing");
    on(add, [this](const Common& common) { return run_provider_add(common, provider_); });
    add_by_id(providers, "rm", "PROVIDER", "Forget a provider that was added here, and its key", run_provider_rm);
  }

  void add_clients() {
    CLI::App& env = leaf(app_, "env", "Print lines that point other programs at this hub: eval \"$(flotte env)\"");
    env.add_option("client", env_.kinds, "openai, anthropic, gemini, ollama (default: all that this hub serves)")->type_name("CLIENT");
    env.add_option("--shell", env_.shell, "sh, fish or powershell")
        ->check(CLI::IsMember({"sh", "fish", "powershell"}))
        ->capture_default_str();
    env.add_flag("--force", env_.force, "Anthropic's variables even where somebody is logged in to Claude");
    on(env, [this](const Common& common) { return run_env(common, env_); });

    CLI::App& launch = leaf(app_, "launch", "PROGRAM [ARGS...]: run claude, codex, gemini or opencode on this hub, for this run only");
    launch.add_option("-m,--model", launch_.model, "Model name")->capture_default_str();
    launch.add_flag("--anyway", launch_.anyway, "Also where the hub does not answer what the program asks for");
    launch.prefix_command();  // what follows the program's name is the program's
    on(launch, [this, &launch](const Common& common) {
      launch_.words = launch.remaining();
      return run_launch(common, launch_);
    });
  }

  void add_list_options(CLI::App& app, const std::string& states) {
    app.add_option("--state", state_, "Only these: " + states);
    app.add_option("--limit", limit_, "At most so many; 0: all")->check(CLI::Range(0, 1'000'000))->capture_default_str();
  }

  void add_by_id(CLI::App& parent, const std::string& name, const std::string& what, const std::string& about,
                 std::function<int(const Common&, const std::string&)> run) {
    CLI::App& app = leaf(parent, name, about);
    app.add_option("id", id_, "Its id or name")->type_name(what)->required();
    on(app, [this, run = std::move(run)](const Common& common) { return run(common, id_); });
  }

  // ---- what is said about mistakes --------------------------------------------------------------------------------

  static std::vector<std::string> names_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(child->get_name());
    return names;
  }

  static std::string did_you_mean(std::string_view word, const std::vector<std::string>& names, const std::string& otherwise) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto nearest = find_nearest(word, known);
    return nearest ? fmt::format("did you mean \"{}\"?", *nearest) : otherwise;
  }

  /// The first word that should be a command, checked before the parser says it in its own way. Values of the common options are skipped.
  std::optional<Error> find_unknown_command(const std::vector<std::string>& arguments) const {
    const CLI::App* app = &app_;
    std::string path = "flotte";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& word = arguments[i];
      if (word.starts_with('-')) {
        if (takes_common_value(word)) ++i;
        continue;
      }
      auto names = names_of(*app);
      if (names.empty()) return std::nullopt;
      if (std::find(names.begin(), names.end(), word) == names.end()) {
        if (app == &app_) names.insert(names.end(), {"up", "hub", "doctor"});
        if (app->get_name() == "node") names.emplace_back("run");
        return Error(Code::invalid_argument, fmt::format("unknown command \"{}\" of {}", word, path),
                     did_you_mean(word, names, path + " --help lists them"));
      }
      app = app->get_subcommand(word);
      path += " " + word;
    }
    return std::nullopt;
  }

  const CLI::App& deepest() const {
    const CLI::App* app = &app_;
    for (auto chosen = app->get_subcommands(); !chosen.empty(); chosen = app->get_subcommands()) app = chosen.front();
    return *app;
  }

  /// "flotte batch run".
  std::string path_of(const CLI::App& app) const {
    std::string path = "flotte";
    for (const CLI::App* at = &app_; at != &app;) {
      at = at->get_subcommands().front();
      path += " " + at->get_name();
    }
    return path;
  }

  Error explain(const CLI::ParseError& error) const {
    const CLI::App& app = deepest();
    const std::string path = path_of(app);
    const std::string help = path + " --help shows how it is used";
    const bool lacks = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    // A wrong option says more about what was meant than what is missing besides.
    if (lacks || dynamic_cast<const CLI::ExtrasError*>(&error)) {
      for (const std::string& word : app.remaining(true)) {
        if (lacks && !word.starts_with('-')) continue;
        if (!word.starts_with('-')) return Error(Code::invalid_argument, fmt::format("unexpected argument \"{}\"", word), help);
        std::vector<std::string> names;
        for (const CLI::Option* option : app.get_options())
          for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        return Error(Code::invalid_argument, fmt::format("unknown option {}", word),
                     did_you_mean(word.substr(0, word.find('=')), names, help));
      }
    }
    if (lacks && &app == &app_)
      return Error(Code::invalid_argument, fmt::format("flotte wants a command: up, hub, doctor, {}", fmt::join(names_of(app), ", ")),
                   "`flotte up` is the first one; flotte --help tells what each does");
    if (lacks && !names_of(app).empty())
      return Error(Code::invalid_argument, fmt::format("{} wants a command: {}", path, fmt::join(names_of(app), ", ")), help);
    if (lacks)
      for (const CLI::Option* option : app.get_options())
        if (option->get_required() && option->count() == 0)
          return Error(Code::invalid_argument, fmt::format("{} wants {}", path, option->get_type_name()), help);
    std::string message = error.what();
    if (!message.empty() && message.back() == '\n') message.pop_back();
    return Error(Code::invalid_argument, message, help);
  }

  CLI::App app_;
  CommonOptions common_;
  Run run_;
  AskOptions ask_;
  BatchRunOptions batch_;
  BatchAttachOptions attach_;
  TaskRunOptions task_;
  ScheduleOptions schedule_;
  TaskListOptions task_list_;
  StepOptions step_;
  UsageOptions usage_;
  RequestsOptions requests_;
  KeyOptions key_;
  FlowListOptions flows_;
  ServiceOptions service_;
  ProviderOptions provider_;
  ImportOptions import_;
  EnvOptions env_;
  LaunchOptions launch_;
  std::vector<std::string> words_;
  std::optional<std::size_t> behind_mark_;  // how many words stand behind the first --
  std::string kind_, state_, id_, node_;
  WorkerSettings definition_;
  std::string node_name_;
  std::vector<std::string> node_labels_;
  bool no_labels_ = false;
  std::size_t limit_ = 50;
  int attempt_ = 0;
  std::int64_t sleep_seconds_ = 0;
};

}  // namespace

Parsed parse_arguments(const std::vector<std::string>& arguments) {
  auto grammar = std::make_shared<Grammar>();
  Parsed parsed = grammar->parse(arguments);
  // The commands' functions read their options out of the grammar, so it lives as long as the chosen one.
  if (auto* chosen = std::get_if<Chosen>(&parsed))
    chosen->run = [grammar, run = std::move(chosen->run)](const Common& common) { return run(common); };
  return parsed;
}

}  // namespace flotte::cli
