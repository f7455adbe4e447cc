// Providers that are added to a running hub.
#include "cli/command/provider.hpp"

#include <termios.h>
#include <unistd.h>

#include <csignal>

#include "base/file.hpp"
#include "cli/command/listing.hpp"
#include "cli/screen/member.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/table.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t key_limit = 4096;

std::string render(const Items& items, int columns) {
  Table table({{"PROVIDER"}, {"STATE"}, {"FROM"}, {"MODELS", Table::Align::right}, {"ADDRESS"}, {"WHY"}});
  for (const json::object& o : items) {
    const auto models = json::get_int(o, "models");
    table.add({text(o, "name"), text(o, "state"), text(o, "source"), models ? std::to_string(*models) : "-", text(o, "base_url"),
               text(o, "reason")});
  }
  return table.empty() ? "no providers: `flotte provider add openai` asks for a key\n" : table.render(columns);
}

termios before;  // of the terminal, for the handler too

void restore_and_end(int) {
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  ::_exit(status::interrupted);
}

/// Nothing typed is shown while this lives; Ctrl-C leaves a terminal that shows again.
class NoEcho {
 public:
  NoEcho() {
    if (::tcgetattr(STDIN_FILENO, &before) != 0) return;
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    handler_ = std::signal(SIGINT, restore_and_end);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~NoEcho() {
    if (!changed_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::signal(SIGINT, handler_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  bool changed_ = false;
  void (*handler_)(int) = SIG_DFL;
};

std::string read_line() {
  std::string line;
  for (char c = 0; line.size() < key_limit && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

std::string ask_for_key() {
  if (::isatty(STDIN_FILENO) == 0) return read_line();
  write_all(STDERR_FILENO, "API key (not shown): ");
  std::string line;
  {
    const NoEcho quiet;
    line = read_line();
  }
  write_all(STDERR_FILENO, "\n");
  return line;
}

Awaitable<Result<int>> add(Session& session, ProviderOptions options, Secret key) {
  json::object body;
  if (!options.vendor.empty()) body["vendor"] = options.vendor;
  if (!options.name.empty()) body["name"] = options.name;
  if (!options.base_url.empty()) body["base_url"] = options.base_url;
  body["api_key"] = key.reveal();
  if (options.test_only) body["test_only"] = true;
  const std::string path = client::make_path("providers");
  auto added = co_await session.fleet().post(path, std::move(body));
  if (!added) co_return pass(added);
  for (const std::string& warning : json::strings(*added, "warnings")) write_all(STDERR_FILENO, "flotte: warning: " + warning + "\n");
  const std::string name = text(*added, "name");
  const auto models = json::int_or(*added, "models", 0);
  if (session.common().json())
    print_json(json::value(*added));
  else if (options.test_only)
    print(fmt::format("the key works: {} models; nothing was stored\n", models));
  else
    print(fmt::format("{} is in use: {} models, each as {}/MODEL\n", name, models, name));
  co_return status::done;
}

Awaitable<Result<int>> remove(Session& session, std::string name) {
  const std::string path = client::make_path("providers", name);
  auto removed = co_await session.fleet().remove(path);
  if (!removed) co_return pass(removed);
  if (session.common().json())
    print_json(json::value(*removed));
  else
    print(name + " and its key are forgotten; calls under way end normally\n");
  co_return status::done;
}

}  // namespace

Result<Secret> read_provider_key(const std::string& from) {
  std::string key;
  if (from == "-") {
    key = ask_for_key();
  } else if (from.starts_with("env:")) {
    key = environment(from.substr(4).c_str());
    if (key.empty()) return fail(Code::invalid_argument, "the environment variable " + from.substr(4) + " is not set");
  } else {
    return fail(Code::invalid_argument, "a key does not belong on a command line, where every program of this machine can read it",
                "give it on standard input, or --api-key env:NAME");
  }
  while (!key.empty() && static_cast<unsigned char>(key.back()) <= ' ') key.pop_back();
  if (key.empty()) return fail(Code::invalid_argument, "no key was given", "give it on standard input, or --api-key env:NAME");
  return Secret(std::move(key));
}

int run_provider_ls(const Common& common) { return run_listing(common, {client::make_path("providers"), {}, 0, render}); }

int run_provider_add(const Common& common, const ProviderOptions& options) {
  auto key = read_provider_key(options.key_from);
  if (!key) {
    report(key.error(), common.output);
    return status::usage;
  }
  Session session(common);
  return session.run([&](Session& s) { return add(s, options, *key); });
}

int run_provider_rm(const Common& common, const std::string& name) {
  Session session(common);
  return session.run([&](Session& s) { return remove(s, name); });
}

}  // namespace flotte::cli
