// Files of the membership, and how it begins.
#include "node/membership.hpp"

#include <fmt/format.h>

#include "base/async/wait.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

namespace flotte::node {
namespace {

std::string file_of(const std::string& directory) { return directory + "/node.json"; }

std::string_view without_end(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

/// A hub's error answer: {"error":{"code","message","hint"}}.
Error read_error(int status, std::string_view body) {
  Error out(Code::unavailable, fmt::format("the hub answered {}", status));
  if (status == 401) out.code = Code::unauthenticated;
  if (status == 403) out.code = Code::forbidden;
  if (status == 404) out = Error(Code::not_found, "there is no hub under this address", "does the URL end after the port?");
  if (status == 409) out.code = Code::conflict;
  if (status == 400 || status == 422) out.code = Code::invalid_argument;
  const auto answer = json::parse_object(body);
  const json::object* error = answer ? json::get_object(*answer, "error") : nullptr;
  if (error) {
    out.message = json::string_or(*error, "message", out.message);
    out.hint = json::string_or(*error, "hint", out.hint);
  }
  return out;
}

}  // namespace

Result<Invitation> Invitation::parse(std::string_view text) {
  const std::size_t hash = text.find('#');
  const char* hint = "copy the whole line that `flotte node invite` printed: URL#CODE, in quotes";
  if (hash == std::string_view::npos || hash + 1 == text.size()) return fail(Code::invalid_argument, "--join needs URL#CODE", hint);
  Invitation out;
  out.url = without_end(text.substr(0, hash));
  std::string_view code = text.substr(hash + 1);
  if (const std::size_t dot = code.find('.'); dot != std::string_view::npos) {
    auto pin = from_base64url(code.substr(dot + 1));
    if (!pin) pin = from_base64(code.substr(dot + 1));
    if (!pin || pin->size() != 32) return fail(Code::invalid_argument, "the code of --join is not complete", hint);
    out.pin = to_base64(*pin);
    code = code.substr(0, dot);
  }
  out.code = code;
  if (out.code.empty()) return fail(Code::invalid_argument, "the code of --join is not complete", hint);
  if (auto url = http::Url::parse(out.url); !url) return pass(url, "--join");
  return out;
}

Result<std::optional<Membership>> Membership::load(const std::string& directory) {
  auto text = read_file(file_of(directory));
  if (!text && text.error().code == Code::not_found) return std::nullopt;
  if (!text) return pass(text);
  auto o = json::parse_object(*text);
  if (!o) return fail(Code::corrupt, file_of(directory) + " is damaged", "join the hub again with --join");
  Membership out{json::string_or(*o, "hub_url", ""), json::string_or(*o, "hub_name", ""), json::string_or(*o, "node_id", ""),
                 json::string_or(*o, "node_name", ""), json::string_or(*o, "pin", "")};
  if (out.hub_url.empty() || out.node_name.empty())
    return fail(Code::corrupt, file_of(directory) + " is damaged", "join the hub again with --join");
  return out;
}

Result<void> Membership::save(const std::string& directory) const {
  const json::object o{{"hub_url", hub_url}, {"hub_name", hub_name}, {"node_id", node_id}, {"node_name", node_name}, {"pin", pin}};
  return replace_file(file_of(directory), json::dump_pretty(o), 0600);
}

Result<SigningKey> load_identity(const std::string& directory) {
  const std::string path = directory + "/identity.key";
  auto key = SigningKey::load(path);
  if (key || key.error().code != Code::not_found) return key;
  const SigningKey made = SigningKey::make();
  if (auto saved = made.save(path); !saved) return pass(saved);
  return made;
}

Result<HubAddress> HubAddress::make(const std::string& url, const std::string& pin) {
  auto parsed = http::Url::parse(url);
  if (!parsed) return pass(parsed);
  std::shared_ptr<http::TlsContext> tls;
  if (parsed->scheme == "https") {
    auto context = pin.empty() ? http::TlsContext::client() : http::TlsContext::pinned(pin);
    if (!context) return pass(context);
    tls = *context;
  }
  return HubAddress{http::tcp_connector(parsed->host, parsed->port, tls), parsed->path, url};
}

namespace {

/// Before anything is said: is it the hub that the code names? The client alone would only say that there is no connection.
Awaitable<Result<void>> meet(const HubAddress& address, bool unpinned) {
  Awaitable<Result<http::Stream>> connecting = address.connector->connect();
  auto stream = co_await with_deadline(std::chrono::seconds(5), std::move(connecting));
  if (stream || stream.error().code != Code::unauthenticated) co_return Result<void>();
  if (unpinned)
    co_return fail(Code::forbidden, fmt::format("{}: {}. Nothing was sent to it", address.url, stream.error().message),
                   "the code names no key; copy the whole line that `flotte node invite` printed");
  co_return fail(
      Code::forbidden,
      fmt::format("the server at {} is not the hub that made this code: its key is another one. Nothing was sent to it", address.url),
      "somebody may be in between; make a new code on the hub and compare the address");
}

}  // namespace

Awaitable<Result<Membership>> enrol(http::Client& client, Invitation invitation, std::string name, std::string public_key) {
  auto address = HubAddress::make(invitation.url, invitation.pin);
  if (!address) co_return pass(address);
  auto met = co_await meet(*address, invitation.pin.empty());
  if (!met) co_return pass(met);
  http::RequestHead head;
  head.method = "POST";
  head.target = address->base_path + "/fleet/v1/enrol";
  head.headers.set("Content-Type", "application/json");
  const std::string body = json::dump(json::object{{"code", invitation.code}, {"name", name}, {"public_key", to_base64url(public_key)}});
  const http::Deadlines deadlines{
      .connect = std::chrono::seconds(5), .first_byte = std::chrono::seconds(15), .idle = std::chrono::seconds(15)};
  auto call = co_await client.send(address->connector, head, body, deadlines);
  if (!call)
    co_return fail(Code::unavailable, fmt::format("no hub reached at {}: {}", invitation.url, call.error().message), call.error().hint);
  auto answer = co_await (*call)->read_all(64 * 1024);
  if (!answer) co_return pass(answer);
  const int status = (*call)->head().status;
  if (status != 200 && status != 201) {
    Error error = read_error(status, *answer);
    co_return Failure(std::move(error));
  }
  auto o = json::parse_object(*answer);
  if (!o) co_return fail(Code::corrupt, fmt::format("{} is not a hub", invitation.url));
  Membership out{invitation.url, json::string_or(*o, "hub", ""), json::string_or(*o, "id", ""), json::string_or(*o, "name", name),
                 invitation.pin};
  co_return out;
}

}  // namespace flotte::node
