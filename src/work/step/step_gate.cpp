// Handing requests of one run on to the hub.
#include "work/step/step_gate.hpp"

#include <fmt/format.h>

#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "wire/step.hpp"

namespace flotte::work {

/// Who passes, and where to.
struct StepGate::Pass {
  explicit Pass(Executor executor) : over(executor) {}
  std::string prefix, key;
  std::shared_ptr<HubSteps> steps;
  bool taken = false;  // a request has its body or its answer in memory
  Event over;          // it has not any more
};

namespace {

http::Response error_response(int status, const Error& failed) {
  json::object error;
  error["code"] = to_string(failed.code);
  error["message"] = failed.message;
  if (!failed.hint.empty()) error["hint"] = failed.hint;
  json::object body;
  body["error"] = std::move(error);
  return http::Response::json(status, json::dump(body));
}

bool passes(const http::RequestHead& head, std::string_view prefix) {
  const std::string_view path = head.path();
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

Awaitable<http::Response> StepGate::hand_on(std::shared_ptr<Pass> pass, http::ServerCall& call) {
  const http::RequestHead& head = call.head();
  if (!passes(head, pass->prefix)) {
    const Error unknown(Code::not_found, fmt::format("this socket knows {} and nothing else", pass->prefix),
                        "for anything else a command asks the hub: FLOTTE_URL, with the key FLOTTE_KEY");
    co_return error_response(404, unknown);
  }
  if (head.method != "GET" && head.method != "PUT") {
    const Error wrong(Code::invalid_argument, head.method + " is no method of a step", "GET reads one, PUT keeps one");
    co_return error_response(405, wrong);
  }
  auto body = co_await call.read_body(wire::step_output_bytes);
  if (!body) {
    const bool large = body.error().code == Code::too_large;
    if (large) body.error().hint = "write it into a file or a blob, and keep its name as the step's output";
    co_return error_response(large ? 413 : 400, body.error());
  }
  HubSteps::Request request{head.method, head.target, std::string(head.headers.get("content-type").value_or("")), std::move(*body)};
  auto answer = co_await pass->steps->ask(pass->key, std::move(request));
  if (!answer) {
    const Error away(Code::unavailable, "the hub is away: " + answer.error().message, "ask again; `flotte step` does");
    co_return error_response(503, away);
  }
  http::Response response;
  response.head.status = answer->status;
  response.head.headers.set("content-type", answer->content_type);
  response.body = std::move(answer->body);
  co_return response;
}

Awaitable<void> StepGate::answer(std::shared_ptr<Pass> pass, http::ServerCall& call) {
  struct Turn {
    Pass& pass;
    ~Turn() {
      pass.taken = false;
      pass.over.set();
    }
  };
  while (pass->taken) {
    pass->over.reset();
    const bool over = co_await pass->over.wait();
    if (!over) co_return;
  }
  pass->taken = true;
  const Turn turn{*pass};
  http::Response response = co_await hand_on(pass, call);
  auto sent = co_await call.respond(std::move(response));
  (void)sent;
}

StepGate::StepGate(Executor executor, std::string path, std::shared_ptr<Pass> pass)
    : path_(std::move(path)),
      server_(executor, [pass = std::move(pass)](http::ServerCall& call) { return answer(pass, call); }, {.connections = connections}) {}

std::unique_ptr<StepGate> StepGate::open(Executor executor, std::string path, const wire::Offer& offer, std::shared_ptr<HubSteps> steps) {
  if (path.size() > path_bytes) {
    log::debug("a run has no step socket: its path is too long", {{"path", path}});
    return nullptr;
  }
  auto pass = std::make_shared<Pass>(executor);
  pass->prefix = fmt::format("/fleet/v1/tasks/{}/steps", offer.run.task);
  pass->key = offer.key;
  pass->steps = std::move(steps);
  std::unique_ptr<StepGate> gate(new StepGate(executor, std::move(path), std::move(pass)));
  auto listening = gate->server_.listen({.host = {}, .port = 0, .unix_path = gate->path_});
  if (listening) return gate;
  log::warning("a run has no step socket", {{"path", gate->path_}, {"why", listening.error().text()}});
  return nullptr;
}

}  // namespace flotte::work
