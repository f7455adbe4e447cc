// Handing requests of one run on to the hub.
#include "work/step/step_gate.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace flotte::work {

/// Who passes, and where to.
struct StepGate::Pass {
  std::string prefix, key;
  std::shared_ptr<HubSteps> steps;
};

namespace {

http::Response error_response(int status, std::string_view code, std::string_view message) {
  json::object error;
  error["code"] = code;
  error["message"] = message;
  json::object body;
  body["error"] = std::move(error);
  return http::Response::json(status, json::dump(body));
}

bool passes(const http::RequestHead& head, std::string_view prefix) {
  const std::string_view path = head.path();
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

Awaitable<void> StepGate::answer(std::shared_ptr<Pass> pass, http::ServerCall& call) {
  const http::RequestHead& head = call.head();
  http::Response response;
  if (!passes(head, pass->prefix)) {
    response = error_response(404, "not_found", fmt::format("this socket knows {} and nothing else", pass->prefix));
  } else if (head.method != "GET" && head.method != "PUT") {
    response = error_response(405, "invalid_argument", "GET and PUT");
  } else {
    auto body = co_await call.read_body(HubSteps::output_bytes);
    if (!body) {
      response = error_response(body.error().code == Code::too_large ? 413 : 400, to_string(body.error().code), body.error().message);
    } else {
      HubSteps::Request request{head.method, head.target, std::string(head.headers.get("content-type").value_or("")), std::move(*body)};
      auto answer = co_await pass->steps->ask(pass->key, std::move(request));
      if (answer) {
        response.head.status = answer->status;
        response.head.headers.set("content-type", answer->content_type);
        response.body = std::move(answer->body);
      } else {
        response = error_response(503, "unavailable", "the hub is away: " + answer.error().message);
      }
    }
  }
  auto sent = co_await call.respond(std::move(response));
  (void)sent;
}

StepGate::StepGate(Executor executor, std::string path, std::shared_ptr<Pass> pass)
    : path_(std::move(path)), server_(executor, [pass = std::move(pass)](http::ServerCall& call) { return answer(pass, call); }) {}

std::unique_ptr<StepGate> StepGate::open(Executor executor, std::string path, const wire::Offer& offer, std::shared_ptr<HubSteps> steps) {
  if (path.size() > path_bytes) {
    log::debug("a run has no step socket: its path is too long", {{"path", path}});
    return nullptr;
  }
  auto pass = std::make_shared<Pass>();
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
