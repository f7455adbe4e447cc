// Variables for a shell, and one run of a program.
#include "cli/command/clients.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fmt/ranges.h>

#include "base/file.hpp"
#include "cli/clients/access.hpp"
#include "cli/clients/claude_login.hpp"
#include "cli/clients/programs.hpp"
#include "cli/screen/screen.hpp"

namespace flotte::cli {
namespace {

void note(const std::string& line) { write_all(STDERR_FILENO, "flotte: " + line + "\n"); }

// ---- env ----------------------------------------------------------------------------------------------------------

struct Wanted {
  std::vector<const ClientKind*> kinds;
  bool named = false;  // on the command line, so a missing one is a failure
};

Result<Wanted> choose_kinds(const EnvOptions& options) {
  Wanted wanted;
  for (const std::string& name : options.kinds) {
    auto kind = find_client_kind(name);
    if (!kind) return pass(kind);
    wanted.kinds.push_back(*kind);
  }
  wanted.named = !wanted.kinds.empty();
  if (!wanted.named)
    for (const ClientKind& kind : client_kinds()) wanted.kinds.push_back(&kind);
  return wanted;
}

/// True where Anthropic's variables must not be set; says why.
bool keeps_claude_login(const ClientKind& kind, const EnvOptions& options) {
  if (kind.name != "anthropic" || options.force) return false;
  const auto login = find_claude_login();
  if (!login) return false;
  note(
      fmt::format("Anthropic's variables are left alone: there is a Claude login here ({}). With them Claude Code would bill an API key "
                  "instead of that subscription, or send its login to the hub. `flotte launch claude` uses the hub for one run; --force "
                  "prints them all the same",
                  *login));
  return true;
}

Awaitable<Result<int>> print_env(Session& session, EnvOptions options, Wanted wanted) {
  std::vector<const ClientKind*> printed;
  std::vector<std::string_view> left_out;
  int outcome = status::done;
  for (const ClientKind* kind : wanted.kinds) {
    if (keeps_claude_login(*kind, options)) {
      if (wanted.named) outcome = status::failed;
      continue;
    }
    auto served = co_await is_served(session, std::string(kind->path));
    if (!served) co_return pass(served);
    if (!*served && wanted.named) note(fmt::format("{}: this hub does not answer {} yet", kind->name, kind->speaks));
    if (!*served && !wanted.named) left_out.push_back(kind->name);
    if (*served || wanted.named) printed.push_back(kind);
  }
  if (!left_out.empty()) note(fmt::format("left out, because this hub does not answer them yet: {}", fmt::join(left_out, ", ")));
  if (printed.empty()) co_return outcome;
  auto access = co_await open_access(session);
  if (!access) co_return pass(access);
  std::vector<Variable> variables;
  for (const ClientKind* kind : printed)
    for (Variable& variable : client_variables(*kind, *access)) variables.push_back(std::move(variable));
  for (Variable& variable : trust_variables(*access)) variables.push_back(std::move(variable));
  if (session.common().json()) {
    json::object all;
    for (const auto& [name, value] : variables) all[name] = value;
    print_json(json::value(std::move(all)));
    co_return outcome;
  }
  print(render_exports(variables, options.shell == "fish" ? Shell::fish : options.shell == "powershell" ? Shell::powershell : Shell::sh));
  if (::isatty(STDOUT_FILENO) == 1) note("to set them in this shell: eval \"$(flotte env)\"");
  co_return outcome;
}

// ---- launch -------------------------------------------------------------------------------------------------------

/// As execvp would find it; empty where it is not installed.
std::string find_executable(std::string_view name) {
  const std::string path = environment("PATH");
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string candidate = (end == at ? std::string(".") : path.substr(at, end - at)) + "/" + std::string(name);
    std::error_code error;
    if (std::filesystem::is_regular_file(candidate, error) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return {};
}

Awaitable<Result<std::vector<std::string>>> list_models(Session& session) {
  client::Request request;
  request.target = "/v1/models";
  auto answer = co_await session.connection().request(request);
  if (!answer) co_return pass(answer);
  std::vector<std::string> names;
  const auto object = json::parse_object(answer->body);
  const json::array* data = object ? json::get_array(*object, "data") : nullptr;
  if (data)
    for (const json::value& value : *data)
      if (const json::object* model = value.if_object()) names.push_back(json::string_or(*model, "id", ""));
  co_return names;
}

/// Which APIs the model speaks, where the hub tells it.
Awaitable<std::vector<std::string>> list_apis(Session& session, std::string model) {
  const std::string path = client::make_path("models");
  client::Query query{{"name", model}};
  auto models = co_await session.fleet().list(path, std::move(query), 0);
  if (models)
    for (const json::object& entry : *models)
      if (json::string_or(entry, "id", "") == model) co_return json::strings(entry, "apis");
  co_return std::vector<std::string>();
}

/// Whatever a program speaks, the hub translates it to any API that generates. Of a model whose APIs are not told the best is hoped.
bool gives_answers(const std::vector<std::string>& apis) {
  constexpr std::string_view generating[] = {"chat", "responses", "messages", "gemini", "ollama", "mistral"};
  return apis.empty() || std::any_of(apis.begin(), apis.end(), [&generating](const std::string& api) {
           return std::find(std::begin(generating), std::end(generating), api) != std::end(generating);
         });
}

/// Fills `plan`, or says what stands in the way and returns another status than `done`.
Awaitable<Result<int>> prepare_launch(Session& session, const LaunchProgram& program, const LaunchOptions& options, LaunchPlan& plan) {
  auto served = co_await is_served(session, std::string(program.path));
  if (!served) co_return pass(served);
  const auto apis = co_await list_apis(session, options.model);
  if (!*served || !gives_answers(apis)) {
    const std::string what =
        *served
            ? fmt::format("{} needs a model that answers, and \"{}\" speaks only {}", program.name, options.model, fmt::join(apis, ", "))
            : fmt::format("{} speaks {} ({}), which this hub does not answer yet", program.name, program.speaks, program.path);
    if (!options.anyway) {
      const std::string hint = fmt::format("`flotte launch --anyway {}` starts it all the same; its calls will fail", program.name);
      report(Error(Code::unsupported, what, hint), session.common().output);
      co_return status::usage;
    }
    note("warning: " + what + "; its calls will fail");
  }
  auto access = co_await open_access(session);
  if (!access) co_return pass(access);
  auto names = co_await list_models(session);
  if (!names) co_return pass(names);
  const LaunchModels models{.main = options.model, .all = std::move(*names)};
  if (std::find(models.all.begin(), models.all.end(), models.main) == models.all.end() && models.main == "default")
    note("warning: the hub has no model yet; `flotte doctor` helps to find one");
  const std::vector<std::string> arguments(options.words.begin() + 1, options.words.end());
  plan = plan_launch(program, *access, models, arguments);
  co_return status::done;
}

Result<void> write_files(const LaunchPlan& plan) {
  for (const std::string& directory : plan.directories)
    if (auto made = make_directories(directory, 0700); !made) return made;
  for (const auto& [path, content] : plan.files) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) continue;
    if (auto written = replace_file(path, content, 0600); !written) return written;
  }
  return {};
}

/// Becomes the program. Returns only where that failed.
Error become(const std::string& executable, const LaunchProgram& program, const LaunchPlan& plan) {
  for (const std::string& name : plan.unset) ::unsetenv(name.c_str());
  for (const auto& [name, value] : plan.set) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<std::string> words{std::string(program.name)};
  words.insert(words.end(), plan.arguments.begin(), plan.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(executable.c_str(), argv.data());
  return fail_errno(fmt::format("cannot start {}", executable), errno).error();
}

}  // namespace

int run_env(const Common& common, const EnvOptions& options) {
  auto wanted = choose_kinds(options);
  if (!wanted) {
    report(wanted.error(), common.output);
    return status::usage;
  }
  Session session(common);
  return session.run([&](Session& s) { return print_env(s, options, *wanted); });
}

int run_launch(const Common& common, const LaunchOptions& given) {
  LaunchOptions options = given;
  // Typed behind the program's name it is still meant for us.
  if (options.words.size() > 1 && options.words[1] == "--anyway") {
    options.anyway = true;
    options.words.erase(options.words.begin() + 1);
  }
  const auto wrong = [&](const Error& error) {
    report(error, common.output);
    return status::usage;
  };
  if (options.words.empty())
    return wrong(Error(Code::invalid_argument, "which program?", "flotte launch claude, codex, gemini or opencode"));
  const auto program = find_launch_program(options.words.front());
  if (!program) return wrong(program.error());
  const std::string executable = find_executable((*program)->name);
  if (executable.empty())
    return wrong(Error(Code::not_found, fmt::format("{} is not installed on this machine", (*program)->name),
                       fmt::format("npm install -g {}", (*program)->package)));
  // What the session does to signals ends with it: the program gets those that we were started with.
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &before);
  LaunchPlan plan;
  {
    Session session(common);
    const int code = session.run([&](Session& s) { return prepare_launch(s, **program, options, plan); });
    if (code != status::done) return code;
  }
  for (const std::string& warning : plan.warnings) note("warning: " + warning);
  if (auto written = write_files(plan); !written) return wrong(written.error());
  std::signal(SIGPIPE, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const Error error = become(executable, **program, plan);
  report(error, common.output);
  return status::failed;
}

}  // namespace flotte::cli
