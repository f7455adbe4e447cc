// node, worker, flow, project, model and usage: who works, and who gets how much.
#include "cli/grammar/group.hpp"

#include "cli/command/fleet.hpp"
#include "cli/command/flows.hpp"
#include "cli/command/workers.hpp"

namespace flotte::cli::grammar {
namespace {

class Fleet final : public Group {
 public:
  explicit Fleet(Table& table) : Group(table) {
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

    CLI::App& usage = leaf(table_.app, "usage", "Tokens and money");
    usage.add_option("--by", usage_.by, "model, provider, target, key, worker, task or day")
        ->check(CLI::IsMember({"model", "provider", "target", "key", "worker", "task", "day"}))
        ->capture_default_str();
    usage.add_option("--from", usage_.from, "Since this time, as in 2026-11-21T08:00:00Z");
    usage.add_option("--to", usage_.to, "Until this time");
    usage.add_option("--last", usage_.last, "Of so long until now, as in 7d or 12h")->type_name("TIME")->excludes("--from");
    on(usage, [this](const Common& common) { return run_usage(common, usage_); });
  }

 private:
  /// `pause` and `resume` of a thing.
  void add_holds(CLI::App& of, const std::string& kind, const std::string& type, const std::string& word) {
    for (const std::string what : {"pause", "resume"})
      add_by_id(of, what, type,
                what == "pause" ? "Start nothing new of a " + word + "; what runs, runs to its end" : "Let a " + word + " start again",
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
    set.add_flag_function("--no-labels", [this](std::int64_t) { definition_.labels = std::vector<std::string>(); }, "Take away its labels");
    add.get_option("--model")->required();
    on(add, [this](const Common& common) { return run_worker_add(common, definition_); });
    on(set, [this](const Common& common) { return run_worker_set(common, definition_); });
    add_by_id(worker, "rm", "WORKER", "Take away a worker that was added here", run_worker_rm);
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

  UsageOptions usage_;
  FlowListOptions flows_;
  WorkerSettings definition_;
  std::string node_, node_name_;
  std::vector<std::string> node_labels_;
  bool no_labels_ = false;
  std::int64_t sleep_seconds_ = 0;
};

}  // namespace

std::unique_ptr<Group> make_fleet(Table& table) { return std::make_unique<Fleet>(table); }

}  // namespace flotte::cli::grammar
