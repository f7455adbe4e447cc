// Asking hubs that are elsewhere.
#include "hub/doctor/other_hub_checks.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "client/connection.hpp"
#include "engine/find/places.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::milliseconds patience{3'000};

/// The status of GET `target`.
Awaitable<Result<int>> ask_hub(Executor executor, client::Options options, std::string target) {
  auto connection = client::Connection::make(executor, std::move(options));
  if (!connection) co_return pass(connection);
  client::Request request;
  request.target = std::move(target);
  request.deadlines = {.connect = patience, .first_byte = patience, .idle = patience};
  auto answer = co_await (*connection)->request(request);
  if (!answer) co_return pass(answer);
  co_return answer->status;
}

Awaitable<void> check_shell(Executor executor, std::string url, OtherHubs& out) {
  client::Options options;
  options.url = url;
  options.key = Secret(environment("FLOTTE_KEY"));
  options.ca_file = environment("FLOTTE_CA");
  auto answer = co_await ask_hub(executor, std::move(options), "/fleet/v1/models");
  Check check{.name = "FLOTTE_URL", .text = fmt::format("the hub at {} answers", url)};
  if (!answer) {
    check.level = Level::problem;
    check.text = answer.error().message;
    check.advice = answer.error().hint.empty() ? "start it, or correct FLOTTE_URL" : answer.error().hint;
  }
  out.useful = out.useful || answer.has_value();
  out.checks.push_back(std::move(check));
}

Awaitable<void> check_membership(Executor executor, json::object member, OtherHubs& out) {
  client::Options options;
  options.url = json::string_or(member, "hub_url", "");
  options.pin = json::string_or(member, "pin", "");
  const std::string url = options.url;
  auto answer = co_await ask_hub(executor, std::move(options), "/healthz");
  Check check{.name = "node", .text = fmt::format("this machine is '{}' of the hub at {}", json::string_or(member, "node_name", ""), url)};
  check.text += answer ? ", which answers" : "; " + answer.error().message;
  if (!answer) {
    check.level = Level::warning;
    check.advice = answer.error().hint.empty() ? "the node tries again by itself" : answer.error().hint;
  }
  out.useful = true;
  out.checks.push_back(std::move(check));
}

}  // namespace

Awaitable<OtherHubs> check_other_hubs(Executor executor, std::string data, unsigned own_port) {
  OtherHubs out;
  const std::string url = environment("FLOTTE_URL");
  if (!url.empty() && !engine::is_loopback_port(url, own_port)) co_await check_shell(executor, url, out);
  const auto text = read_file(data + "/node/node.json", 64 * 1024);
  auto member = text ? json::parse_object(*text) : fail(Code::not_found, "");
  if (member && !json::string_or(*member, "hub_url", "").empty()) co_await check_membership(executor, std::move(*member), out);
  co_return out;
}

}  // namespace flotte::hub
