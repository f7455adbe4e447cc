// Writes the unit, tells systemd, and says in a few lines what now runs and where it reports.
#include "cli/command/service.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/config.hpp"
#include "base/file.hpp"
#include "base/places.hpp"
#include "base/process/companion.hpp"
#include "base/process/spawn.hpp"
#include "cli/service/unit.hpp"

namespace flotte::cli {
namespace {

namespace fs = std::filesystem;

ServiceOptions with_word(ServiceOptions options) {
  options.hub = options.hub || options.what == "hub";
  options.node = options.node || options.what == "node";
  return options;
}

Manager manager_of(const ServiceOptions& options) { return options.user || ::geteuid() != 0 ? Manager::user : Manager::system; }

std::string user_config_directory() { return fs::path(default_config_file()).parent_path().parent_path().string(); }

std::string unit_path(Part part, Manager manager) {
  if (manager == Manager::system) return "/etc/systemd/system/" + unit_name(part);
  const std::string own = environment("XDG_CONFIG_HOME");
  return (own.starts_with('/') ? own : environment("HOME") + "/.config") + "/systemd/user/" + unit_name(part);
}

Result<std::string> absolute(const std::string& path) {
  std::error_code error;
  auto whole = fs::weakly_canonical(path, error);
  if (error) return fail(Code::invalid_argument, fmt::format("{}: {}", path, error.message()));
  if (whole.string().find('\n') != std::string::npos)
    return fail(Code::invalid_argument, "a path with a line break cannot stand in a unit");
  return whole.string();
}

/// By what the directory holds, unless it is said.
Result<Part> part_of(const ServiceOptions& options, const std::string& data) {
  if (options.hub && options.node) return fail(Code::invalid_argument, "--hub and --node are two services", "give one after the other");
  if (options.hub && !options.join.empty()) return fail(Code::invalid_argument, "--join is for nodes, and this is to be a hub");
  if (options.hub) return Part::hub;
  if (!options.join.empty()) return Part::node;
  const bool is_node = fs::exists(data + "/node/node.json"), is_hub = fs::exists(data + "/admin.key");
  if (options.node || (is_node && !is_hub)) {
    if (is_node) return Part::node;
    return fail(Code::invalid_argument, fmt::format("{} is no node yet", data),
                "join first: `flotte node invite` on the hub prints the line to run here");
  }
  if (is_hub && !is_node) return Part::hub;
  if (is_hub) return fail(Code::invalid_argument, fmt::format("{} is both a hub and a node", data), "say which: --hub or --node");
  return fail(Code::invalid_argument, fmt::format("{} is neither a hub nor a node yet", data),
              "a hub: flotte service install --hub; a node: join first, `flotte node invite` on the hub prints the line");
}

/// Who owns the directory, where that is not root. A directory that is not there yet will be root's.
std::string owner_of(const std::string& data) {
  struct stat facts{};
  if (::stat(data.c_str(), &facts) != 0 || facts.st_uid == 0) return {};
  const passwd* entry = ::getpwuid(facts.st_uid);
  return entry && entry->pw_name ? entry->pw_name : std::to_string(facts.st_uid);
}

/// Whether the hub of this file runs commands itself. Errors: the file's mistakes, with which no hub would start.
Result<bool> has_command_workers(const std::string& file) {
  auto document = config::load(file, config::Missing::is_empty);
  if (!document) return pass(document);
  for (const json::value& worker : document->list("worker"))
    if (json::string_or(worker.get_object(), "kind", "") == "command") return true;
  return false;
}

Result<UnitFacts> gather(const Common& common, const ServiceOptions& options) {
  UnitFacts facts;
  facts.manager = manager_of(options);
  auto data = absolute(common.data);
  if (!data) return pass(data);
  facts.data = *data;
  auto part = part_of(options, facts.data);
  if (!part) return pass(part);
  facts.part = *part;
  facts.lan = options.lan;
  facts.join = options.join;
  facts.program = own_executable();
  if (fs::exists(common.config)) {
    auto config = absolute(common.config);
    if (!config) return pass(config);
    facts.config = *config;
    auto commands = has_command_workers(facts.config);
    if (!commands) return pass(commands);
    facts.commands = facts.part == Part::hub && *commands;
  }
  for (const std::string& path : options.writable) {
    auto whole = absolute(path);
    if (!whole) return pass(whole);
    if (!fs::is_directory(*whole)) return fail(Code::invalid_argument, *whole + " is no directory");
    facts.writable.push_back(std::move(*whole));
  }
  const bool system = facts.manager == Manager::system;
  if (system) facts.user = owner_of(facts.data);
  facts.environment_file = system ? "/etc/flotte/flotte.env" : user_config_directory() + "/flotte/flotte.env";
  // Agents, engines and commands of a person lie on that person's PATH.
  if (!system || facts.part == Part::node || facts.commands) facts.path = environment("PATH");
  for (const std::string& path : {facts.program, facts.data})
    if (path.starts_with("/tmp/") || path.starts_with("/var/tmp/"))
      return fail(Code::invalid_argument, fmt::format("{} is in a place that is emptied, and that a service does not see", path),
                  "put it elsewhere, for example below /opt or ~/.local");
  return facts;
}

/// Runs it with our output. Error: unavailable with its status.
Result<void> run_program(std::vector<std::string> argv) {
  std::string line = fmt::format("{}", fmt::join(argv, " "));
  SpawnSpec spec;
  spec.argv = std::move(argv);
  spec.stdout_fd = STDERR_FILENO;
  spec.stderr_fd = STDERR_FILENO;
  auto pid = spawn(spec);
  if (!pid) return pass(pid);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  const ExitStatus ended = ExitStatus::from_wait(status);
  if (!ended.success()) return fail(Code::unavailable, fmt::format("{} failed: {}", line, ended.text()), "above is what it said");
  return {};
}

std::vector<std::string> systemctl(Manager manager, std::vector<std::string> words) {
  words.insert(words.begin(), "systemctl");
  if (manager == Manager::user) words.insert(words.begin() + 1, "--user");
  return words;
}

/// Whether that systemd runs on this machine.
Result<void> find_systemd(Manager manager, const UnitFacts* facts) {
  const std::string by_hand = facts ? fmt::format("let what starts programs here run: {} {} --data '{}'", facts->program,
                                                  facts->part == Part::hub ? "hub" : "node run", facts->data)
                                    : "there is nothing that flotte could have installed";
  if (!fs::exists("/run/systemd/system") || !find_program("systemctl"))
    return fail(Code::unsupported, "systemd does not run this machine", by_hand);
  if (manager == Manager::user && !fs::exists(environment("XDG_RUNTIME_DIR") + "/systemd"))
    return fail(Code::unsupported, "your own systemd is not running, as in a session without a login (su, a container)",
                "log in by ssh or at the machine; or install it for the machine: sudo flotte service install --data DIR");
  return {};
}

Result<void> start_unit(const UnitFacts& facts, const std::string& path) {
  if (auto made = make_directories(fs::path(path).parent_path().string(), 0755); !made) return made;
  if (auto made = make_directories(facts.data); !made) return made;  // systemd wants it there before it starts us
  // A code to join with is nobody else's while it is good.
  if (auto written = replace_file(path, unit_text(facts), facts.join.empty() ? 0644 : 0600); !written) return written;
  if (auto read = run_program(systemctl(facts.manager, {"daemon-reload"})); !read) return read;
  if (auto started = run_program(systemctl(facts.manager, {"enable", "--now", unit_name(facts.part)})); !started) return started;
  // One that is there already runs with the new text.
  return run_program(systemctl(facts.manager, {"restart", unit_name(facts.part)}));
}

bool lingers() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry && entry->pw_name && fs::exists(std::string("/var/lib/systemd/linger/") + entry->pw_name);
}

void tell(const UnitFacts& facts, const std::string& path) {
  const bool user = facts.manager == Manager::user;
  const std::string name = unit_name(facts.part);
  print(fmt::format("{} runs, now and after every start of the machine: {}\n", name, path));
  print(fmt::format("  what it says   journalctl {}-u {} -f\n", user ? "--user " : "", name));
  if (user && !lingers()) print("  until you log in it does not start; to change that: loginctl enable-linger\n");
  if (facts.part == Part::hub) {
    for (const char* key : {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"})
      if (!environment(key).empty()) {
        print(fmt::format("  {} of this shell is not seen by a service: put a line {}=... into {} (mode 0600), then restart it\n", key, key,
                          facts.environment_file));
        break;
      }
  }
}

int failed(const Error& error, const Common& common) {
  report(error, common.output);
  return error.code == Code::invalid_argument || error.code == Code::unsupported ? status::usage : status::failed;
}

}  // namespace

int run_service_install(const Common& common, const ServiceOptions& given) {
  const ServiceOptions options = with_word(given);
  auto facts = gather(common, options);
  if (!facts) return failed(facts.error(), common);
  if (options.print) {
    print(unit_text(*facts));
    return status::done;
  }
  if (auto there = find_systemd(facts->manager, &*facts); !there) return failed(there.error(), common);
  const std::string path = unit_path(facts->part, facts->manager);
  if (auto started = start_unit(*facts, path); !started) return failed(started.error(), common);
  if (common.json())
    print_json(json::object{{"unit", unit_name(facts->part)}, {"path", path}});
  else
    tell(*facts, path);
  return status::done;
}

int run_service_remove(const Common& common, const ServiceOptions& given) {
  const ServiceOptions options = with_word(given);
  const Manager manager = manager_of(options);
  std::vector<Part> parts;
  for (const Part part : {Part::hub, Part::node}) {
    const bool asked = options.hub == options.node || (part == Part::hub) == options.hub;
    if (asked && fs::exists(unit_path(part, manager))) parts.push_back(part);
  }
  if (parts.empty()) {
    const Error none(Code::invalid_argument,
                     fmt::format("no service of flotte is installed for {}", manager == Manager::user ? "you" : "this machine"),
                     ::geteuid() == 0 ? "a person's own: flotte service remove --user" : "the machine's: sudo flotte service remove");
    return failed(none, common);
  }
  if (auto there = find_systemd(manager, nullptr); !there) return failed(there.error(), common);
  std::vector<json::object> removed;
  for (const Part part : parts) {
    const std::string path = unit_path(part, manager);
    if (auto stopped = run_program(systemctl(manager, {"disable", "--now", unit_name(part)})); !stopped)
      return failed(stopped.error(), common);
    std::error_code error;
    if (!fs::remove(path, error)) return failed(Error(Code::io, fmt::format("cannot remove {}: {}", path, error.message())), common);
    removed.push_back(json::object{{"unit", unit_name(part)}, {"path", path}});
    if (!common.json()) print(fmt::format("{} has stopped and is removed; its data stays\n", unit_name(part)));
  }
  if (auto read = run_program(systemctl(manager, {"daemon-reload"})); !read) return failed(read.error(), common);
  if (common.json()) print_json(removed);
  return status::done;
}

}  // namespace flotte::cli
