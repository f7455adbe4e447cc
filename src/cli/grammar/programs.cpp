// service, reload, station, import, env, launch and version: flotte itself on this machine, and other programs beside it.
#include "cli/grammar/group.hpp"

#include "cli/command/clients.hpp"
#include "cli/command/import.hpp"
#include "cli/command/operation.hpp"
#include "cli/command/service.hpp"
#include "cli/command/station.hpp"

namespace flotte::cli::grammar {
namespace {

class Service final : public Group {
 public:
  explicit Service(Table& table) : Group(table) {
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

    on(leaf(table_.app, "reload", "The hub reads its configuration file again; a bad one changes nothing"), run_reload);
    CLI::App& station =
        leaf(table_.app, "station", "The cockpit in your browser: prints its address with a code that is good once, and opens it");
    station.add_flag("!--no-open", station_.open, "Only print it");
    on(station, [this](const Common& common) { return run_station(common, station_); });
    CLI::App& litellm = leaf(group("import", "What another program was told, as a configuration of flotte's"), "litellm",
                             "The config.yaml of a LiteLLM proxy");
    litellm.add_option("file", import_.file, "The file; - for standard input")->type_name("FILE")->required();
    litellm.add_option("-o,--output", import_.output, "A new file (default: standard output)")->type_name("FILE");
    on(litellm, [this](const Common& common) { return run_import_litellm(common, import_); });
  }

 private:
  ServiceOptions service_;
  ImportOptions import_;
  StationOptions station_;
};

class Programs final : public Group {
 public:
  explicit Programs(Table& table) : Group(table) {
    CLI::App& env = leaf(table_.app, "env", "Print lines that point other programs at this hub: eval \"$(flotte env)\"");
    env.add_option("client", env_.kinds, "openai, anthropic, gemini, ollama (default: all that this hub serves)")->type_name("CLIENT");
    env.add_option("--shell", env_.shell, "sh, fish or powershell")
        ->check(CLI::IsMember({"sh", "fish", "powershell"}))
        ->capture_default_str();
    env.add_flag("--force", env_.force, "Anthropic's variables even where somebody is logged in to Claude");
    on(env, [this](const Common& common) { return run_env(common, env_); });

    CLI::App& launch =
        leaf(table_.app, "launch", "PROGRAM [ARGS...]: run claude, codex, gemini or opencode on this hub, for this run only");
    launch.add_option("-m,--model", launch_.model, "Model name")->capture_default_str();
    launch.add_flag("--anyway", launch_.anyway, "Also where the hub does not answer what the program asks for");
    launch.prefix_command();  // what follows the program's name is the program's
    on(launch, [this, &launch](const Common& common) {
      launch_.words = launch.remaining();
      return run_launch(common, launch_);
    });

    CLI::App& version = leaf(table_.app, "version", "Print the version");
    on(version, [](const Common& common) {
      if (common.json())
        print_json(json::object{{"version", FLOTTE_VERSION}});
      else
        print("flotte " FLOTTE_VERSION "\n");
      return status::done;
    });
  }

 private:
  EnvOptions env_;
  LaunchOptions launch_;
};

}  // namespace

std::unique_ptr<Group> make_service(Table& table) { return std::make_unique<Service>(table); }
std::unique_ptr<Group> make_programs(Table& table) { return std::make_unique<Programs>(table); }

}  // namespace flotte::cli::grammar
