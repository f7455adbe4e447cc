// What the groups of commands share.
#include "cli/grammar/group.hpp"

#include "base/units.hpp"

namespace flotte::cli::grammar {
namespace {

/// "" or what is wrong with an amount of memory.
std::string is_size(const std::string& text) {
  const auto bytes = parse_size(text);
  return bytes && *bytes > 0 ? std::string() : "'" + text + "' is no size; it looks like 16G or 800M";
}

}  // namespace

void Group::on(CLI::App& app, Run run, std::function<void()> check) {
  app.callback([table = &table_, run = std::move(run), check = std::move(check)] {
    if (check) check();
    table->run = run;
  });
}

CLI::App& Group::leaf(CLI::App& parent, const std::string& name, const std::string& about) {
  CLI::App& app = *parent.add_subcommand(name, about);
  add_common(app, table_.common);
  return app;
}

CLI::App& Group::group(const std::string& name, const std::string& about) {
  CLI::App& app = *table_.app.add_subcommand(name, about);
  app.require_subcommand(1);
  return app;
}

void add_common(CLI::App& app, CommonOptions& common) {
  const std::string section = "Common";
  app.add_option("--url", common.url, "Address of the hub (FLOTTE_URL; default: this machine's)")->take_last()->group(section);
  app.add_option("--key", common.key, "Client key (FLOTTE_KEY; default DATA/admin.key)")->take_last()->group(section);
  app.add_option("--data", common.data, "Data directory (FLOTTE_DATA; default $XDG_DATA_HOME/flotte)")->take_last()->group(section);
  app.add_option("--config", common.config, "Configuration file (FLOTTE_CONFIG)")->take_last()->group(section);
  app.add_option("--ca", common.ca, "PEM file with the authority of an https hub (FLOTTE_CA)")->take_last()->group(section);
  app.add_flag("--json", common.json, "Machine-readable output and errors")->group(section);
}

void Group::add_placement(CLI::App& app, Placement& placement) {
  const std::string section = "Who does it";
  app.add_option("--worker", placement.worker, "Only the worker of this name")->group(section);
  app.add_option("--node", placement.node, "Only on the node of this name")->group(section);
  app.add_option("--label", placement.labels, "Only a worker with this label; may be repeated")->allow_extra_args(false)->group(section);
  app.add_flag("--exclusive", placement.exclusive, "Nothing else runs on that node meanwhile")->group(section);
  app.add_option("--project", placement.project, "What it is for: projects have shares of the fleet, and pauses")->group(section);
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

void Group::add_list_options(CLI::App& app, const std::string& states) {
  app.add_option("--state", state_, "Only these: " + states);
  app.add_option("--limit", limit_, "At most so many; 0: all")->check(CLI::Range(0, 1'000'000))->capture_default_str();
}

void Group::add_by_id(CLI::App& parent, const std::string& name, const std::string& what, const std::string& about,
                      std::function<int(const Common&, const std::string&)> run) {
  CLI::App& app = leaf(parent, name, about);
  app.add_option("id", id_, "Its id or name")->type_name(what)->required();
  on(app, [this, run = std::move(run)](const Common& common) { return run(common, id_); });
}

}  // namespace flotte::cli::grammar
