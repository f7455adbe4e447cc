// Steps over HTTP.
#include "work/step/hub_steps.hpp"

#include <fmt/format.h>

#include "wire/step.hpp"

namespace flotte::work {
namespace {

std::string target_of(const RunContext& run, std::string_view name) {
  return fmt::format("/fleet/v1/tasks/{}/steps/{}", http::percent_encode(run.offer().run.task), http::percent_encode(name));
}

Error refused(const HubSteps::Answer& answer) {
  std::string message = fmt::format("the hub answered {}", answer.status);
  if (const auto object = json::parse_object(answer.body))
    if (const json::object* error = json::get_object(*object, "error")) message = json::string_or(*error, "message", message);
  const bool stale = answer.status == 409 || answer.status == 401;
  return Error(stale ? Code::conflict : answer.status >= 500 ? Code::unavailable : Code::unprocessable, message);
}

}  // namespace

Awaitable<Result<HubSteps::Answer>> HubSteps::ask(std::string key, Request request) {
  http::RequestHead head;
  head.method = request.method;
  head.target = hub_.options().base_path + request.target;
  head.headers.set("authorization", "Bearer " + key);
  if (!request.content_type.empty()) head.headers.set("content-type", request.content_type);
  const http::Deadlines deadlines;
  auto sent = co_await hub_.http().send(hub_.hub(), head, request.body, deadlines);
  if (!sent) co_return pass(sent);
  Answer answer;
  answer.status = (*sent)->head().status;
  answer.content_type = std::string((*sent)->head().headers.get("content-type").value_or(""));
  auto body = co_await (*sent)->read_all(wire::step_output_bytes + 1024);
  if (!body) co_return pass(body);
  answer.body = std::move(*body);
  co_return answer;
}

Awaitable<Result<std::optional<std::string>>> HubSteps::find(RunContext& run, std::string name) {
  Request request{"GET", target_of(run, name), {}, {}};
  auto answer = co_await ask(run.offer().key, std::move(request));
  if (!answer) co_return pass(answer);
  if (answer->status == 404) co_return std::nullopt;
  if (answer->status != 200) co_return Failure(refused(*answer));
  co_return std::move(answer->body);
}

Awaitable<Result<void>> HubSteps::keep(RunContext& run, std::string name, std::string output) {
  Request request{"PUT", target_of(run, name), "application/octet-stream", std::move(output)};
  auto answer = co_await ask(run.offer().key, std::move(request));
  if (!answer) co_return pass(answer);
  if (answer->status != 200 && answer->status != 201) co_return Failure(refused(*answer));
  co_return Result<void>{};
}

}  // namespace flotte::work
