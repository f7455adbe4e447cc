// Questions to engines.
#include "engine/ask.hpp"

#include <fmt/format.h>

#include "base/async/wait.hpp"

namespace flotte::engine {

namespace {
Awaitable<Result<json::value>> ask_value(http::Client& client, std::shared_ptr<http::Connector> to, std::string target,
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
  auto value = json::parse(*body);
  if (!value) co_return fail(Code::corrupt, fmt::format("{} did not answer with JSON", target));
  co_return value;
}
}  // namespace

Awaitable<Result<json::object>> ask(http::Client& client, std::shared_ptr<http::Connector> to, std::string target,
                                    std::chrono::milliseconds patience, http::CancelHandle* cancel) {
  auto value = co_await ask_value(client, std::move(to), target, patience, cancel);
  if (!value) co_return pass(value);
  if (!value->is_object()) co_return fail(Code::corrupt, fmt::format("{} did not answer with a JSON object", target));
  co_return std::move(value->get_object());
}

Awaitable<Result<json::object>> ask_url(http::Client& client, std::string url, std::string target, std::chrono::milliseconds patience) {
  auto parsed = http::Url::parse(url);
  if (!parsed) co_return pass(parsed);
  std::shared_ptr<http::TlsContext> tls;
  if (parsed->scheme == "https") {
    auto made = http::TlsContext::client();
    if (!made) co_return pass(made);
    tls = *made;
  }
  auto connector = http::tcp_connector(parsed->host, parsed->port, tls);
  Awaitable<Result<json::object>> asking = ask(client, connector, std::move(target), patience, nullptr);
  auto answer = co_await with_deadline(patience, std::move(asking));
  client.forget(*connector);
  co_return answer;
}

Awaitable<bool> ask_busy(http::Client& client, std::shared_ptr<http::Connector> to) {
  auto slots = co_await ask_value(client, std::move(to), "/slots", std::chrono::seconds(2), nullptr);
  if (!slots || !slots->is_array()) co_return false;
  for (const json::value& slot : slots->get_array())
    if (slot.is_object() && json::get_bool(slot.get_object(), "is_processing").value_or(false)) co_return true;
  co_return false;
}

}  // namespace flotte::engine
