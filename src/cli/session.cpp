// Running a command against a hub.
#include "cli/session.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/async/wait.hpp"
#include "base/file.hpp"
#include "base/places.hpp"
#include "cli/interrupt.hpp"
#include "cli/own_hub.hpp"
#include "cli/screen/screen.hpp"
#include "cli/trust.hpp"

namespace flotte::cli {
namespace {

std::string first_of(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates)
    if (!candidate.empty()) return candidate;
  return {};
}

bool is_this_machine(const std::string& url) {
  const auto parsed = http::Url::parse(url);
  if (!parsed) return false;
  if (parsed->host == "localhost" || parsed->host == "::1" || parsed->host == "[::1]" || parsed->host.starts_with("127.")) return true;
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && parsed->host == name;
}

std::string read_admin_key(const std::string& data) {
  auto text = read_file(data + "/admin.key", 4096);
  if (!text) return {};
  text->erase(text->find_last_not_of(" \t\r\n") + 1);
  return *text;
}

}  // namespace

Common resolve_common(const CommonOptions& given) {
  Common common;
  const std::string named_data = first_of({given.data, environment("FLOTTE_DATA")});
  common.config = first_of({given.config, environment("FLOTTE_CONFIG"), default_config_file()});
  common.data = first_of({named_data, default_data_directory()});
  common.url = first_of({given.url, environment("FLOTTE_URL")});
  const bool own = common.url.empty();
  if (own) common.url = own_hub_url(common.data, common.config);
  common.ca = first_of({given.ca, environment("FLOTTE_CA")});
  std::string key = first_of({given.key, environment("FLOTTE_KEY")});
  if (key.empty() && (own || !named_data.empty() || is_this_machine(common.url))) key = read_admin_key(common.data);
  common.key = Secret(std::move(key));
  common.output = given.json ? Output::json : Output::text;
  return common;
}

bool Session::open() {
  const Trust trust = find_trust(common_.url, common_.ca, common_.data);
  auto connection = client::Connection::make(
      loop_.executor(), {.url = common_.url, .key = common_.key, .ca_file = trust.ca_file, .socket = common_.socket, .pin = trust.pin});
  if (!connection) {
    report(connection.error(), common_.output);
    return false;
  }
  connection_ = std::move(*connection);
  fleet_.emplace(*connection_);
  return true;
}

int Session::run(std::function<Awaitable<Result<int>>(Session&)> work) {
  if (!connection_ && !open()) return status::usage;
  scope_.emplace(loop_.executor(), "command");
  InterruptWatch watch([this] { loop_.post([this] { interrupt(); }); });
  scope_->spawn("command", run_work(std::move(work)));
  loop_.run_here();
  if (interrupted_) return status::interrupted;
  if (!outcome_) outcome_ = fail(Code::internal, "the command ended without a result", "this is a bug of flotte");
  if (*outcome_) return **outcome_;
  report(outcome_->error(), common_.output);
  return exit_status(outcome_->error(), hub());
}

Awaitable<void> Session::run_work(std::function<Awaitable<Result<int>>(Session&)> work) {
  // Stops the loop however the work ends: with a result, an exception, or cancelled.
  struct StopAtEnd {
    Loop& loop;
    ~StopAtEnd() { loop.stop(); }
  } stop{loop_};
  Awaitable<Result<int>> running = work(*this);
  outcome_ = co_await std::move(running);
}

void Session::interrupt() {
  interrupted_ = true;
  scope_->cancel();
  // What does not listen to being cancelled is left where it is: everything on disk and at the hub stands for itself.
  auto patience = std::make_shared<Timer>(loop_.executor(), std::chrono::seconds(1));
  patience->async_wait([this, patience](const boost::system::error_code& error) {
    if (!error) loop_.stop();
  });
}

void print(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text)) ::_exit(status::done);
}

void print_json(const json::value& value) { print(json::dump_pretty(value)); }

void print_json(const std::vector<json::object>& items) {
  json::array out;
  for (const json::object& item : items) out.emplace_back(item);
  print_json(json::value(std::move(out)));
}

}  // namespace flotte::cli
