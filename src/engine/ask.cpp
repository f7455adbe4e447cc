// Questions to engines.
#include "engine/ask.hpp"

#include <fmt/format.h>

namespace flotte::engine {

Awaitable<Result<json::object>> ask(http::Client& client, std::shared_ptr<http::Connector> to, std::string target,
                                    std::chrono::milliseconds patience, http::CancelHandle* cancel) {
  http::RequestHead head;
  head.method = "GET";
  head.target = target;
  head.headers.set("Accept", "application/json");
  const http::Deadlines deadlines{.connect = patience, .first_byte = patience, .idle = patience};
  auto call = co_await client.send(to, head, "", deadlines, cancel);
  if (!call) co_return pass(call);
  auto body = co_await (*call)->read_all(16 * 1024 * 1024);
  if (!body) co_return pass(body);
  const int status = (*call)->head().status;
  if (status != 200) co_return fail(Code::unavailable, fmt::format("{} answered {}", target, status));
  auto object = json::parse_object(*body);
  if (!object) co_return fail(Code::corrupt, fmt::format("{} did not answer with a JSON object", target));
  co_return object;
}

}  // namespace flotte::engine
