// One request: whose it is, what it wants, and who answers it.
#include <fmt/format.h>

#include "hub/access_log.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/static_files.hpp"

namespace flotte::hub {
namespace {

/// "/k/KEY/v1/models" taken apart, for clients that cannot send a key; other paths stay whole.
struct KeyInPath {
  std::string_view key, rest;
};

KeyInPath key_in_path(std::string_view path) {
  constexpr std::string_view prefix = "/k/";
  if (!path.starts_with(prefix)) return {{}, path};
  const std::size_t slash = path.find('/', prefix.size());
  if (slash == std::string_view::npos || slash == prefix.size()) return {{}, path};
  return {path.substr(prefix.size(), slash - prefix.size()), path.substr(slash)};
}

/// The key in the path is the only one that counts: the headers are somebody's habit there.
Result<std::shared_ptr<const Caller>> authenticate_by_path(Authenticator& authenticator, std::string_view key) {
  http::RequestHead head;
  head.headers.set("x-api-key", key);
  return authenticator.authenticate(head);
}

/// Ollama's clients knock at "/" before they ask; below /k/KEY there is no board to show.
bool knocks(const http::RequestHead& head, const KeyInPath& in_path) {
  if (in_path.rest != "/" || (head.method != "GET" && head.method != "HEAD")) return false;
  const auto agent = head.headers.get("user-agent");
  return !in_path.key.empty() || (agent && agent->starts_with("ollama"));
}

}  // namespace

Awaitable<void> Hub::answer_unmatched(http::ServerCall& call, bool path_known) {
  const std::string_view path = call.head().path();
  const bool reads = call.head().method == "GET" || call.head().method == "HEAD";
  if (!path_known && has_static_file(path)) {
    if (reads) co_return co_await respond_static_file(call);
    co_return co_await respond_wrong_method(call, "GET, HEAD");
  }
  if (path_known) co_return co_await respond_wrong_method(call, router_.methods_of(path));
  // What stands behind /k/ may be a key: it is not repeated.
  const Error unknown(Code::not_found, fmt::format("there is nothing at {}", path.starts_with("/k/") ? "/k/..." : path.substr(0, 200)));
  co_await respond_error(call, unknown);
}

Awaitable<void> Hub::answer(GatewayLoop& loop, http::ServerCall& call) {
  return access_log_ ? answer_and_log(loop, call) : answer_call(loop, call, nullptr);
}

Awaitable<void> Hub::answer_and_log(GatewayLoop& loop, http::ServerCall& call) {
  const auto began = std::chrono::steady_clock::now();
  const WallTime at = system_clock().wall();
  CountedCall counted(call);
  std::exception_ptr thrown;
  try {
    co_await answer_call(loop, counted, &counted.key_id);
  } catch (...) {
    thrown = std::current_exception();
  }
  access_log_->write(access_line(counted, loop.gateway.last_call(), began, at));
  if (thrown) std::rethrow_exception(thrown);
}

std::optional<std::uint64_t> Hub::access_lines_dropped() const {
  return access_log_ ? std::optional(access_log_->dropped()) : std::nullopt;
}

void Hub::reopen_logs() {
  if (access_log_) access_log_->reopen();
}

Awaitable<Result<void>> Hub::answer_as(GatewayLoop& loop, http::ServerCall& call, std::shared_ptr<const Caller> caller) {
  auto match = router_.find(call.head().method, call.head().path());
  if (!match.route || match.route->need != Need::models) co_return fail(Code::not_found, "no model is asked at this path");
  Request request{*this, loop, call, std::move(match.captures), std::move(caller)};
  co_await match.route->answer(request);
  co_return Result<void>{};
}

Awaitable<void> Hub::answer_call(GatewayLoop& loop, http::ServerCall& call, std::string* key_id) {
  const http::RequestHead& head = call.head();
  const KeyInPath in_path = key_in_path(head.path());
  if (knocks(head, in_path)) {
    http::Response running = http::Response::text(200, "Ollama is running");
    auto sent = co_await call.respond(std::move(running));
    co_return;
  }
  auto match = router_.find(head.method, in_path.rest);
  if (!in_path.key.empty() && (!match.route || match.route->need != Need::models)) {
    const Error unknown(Code::not_found, "there is nothing at this path behind /k/KEY",
                        "it takes what clients of models ask for: /k/KEY/v1/..., /k/KEY/api/...");
    co_return co_await respond_error(call, unknown);
  }
  if (!match.route) co_return co_await answer_unmatched(call, match.path_known);
  Request request{*this, loop, call, std::move(match.captures), nullptr};
  if (match.route->need != Need::nothing) {
    auto caller = in_path.key.empty() ? loop.authenticator.authenticate(head) : authenticate_by_path(loop.authenticator, in_path.key);
    if (caller && (*caller)->who.run) {
      const auto run = fleet_->live_run((*caller)->who.run->task, (*caller)->who.run->fence);
      if (run)
        caller = loop.authenticator.paid_by(*caller, run->owner, loop.table ? loop.table->providers_of_project(run->project) : nullptr);
      else if (loop.table)
        caller = fail(Code::unauthenticated, "the run of this key has ended");
      else
        caller = fail(Code::unavailable, "the hub is starting: it does not know its runs yet", "try again in a moment");
      if (run && run->has_budget()) caller = purses_.of_run(*run, *caller, *fleet_);
    }
    if (!caller) co_return co_await respond_error(call, caller.error());
    if (auto allowed = authorize(**caller, match.route->need, head); !allowed) co_return co_await respond_error(call, allowed.error());
    request.caller = std::move(*caller);
    if (key_id) *key_id = request.caller->who.key_id;
  }
  co_await match.route->answer(request);
}

}  // namespace flotte::hub
