// Joining: invitations, the script that a machine pastes, the authority, enrolment.
#include <fmt/format.h>

#include "access/enrolment.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "fleet/nodes.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/join_script.hpp"
#include "hub/reach.hpp"

namespace flotte::hub {
namespace {

/// A host that may stand in a command line, or nothing.
std::optional<std::string_view> plain_host(const http::RequestHead& head) {
  const auto host = head.headers.get("host");
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
  return host && !host->empty() && host->size() < 300 && host->find_first_not_of(plain) == std::string_view::npos ? host : std::nullopt;
}

/// Where another machine reaches this hub: under the name by which whoever asks reached it, unless that name means only this machine.
std::string url_for_others(const Request& request) {
  const Hub& hub = request.hub;
  const auto host = plain_host(request.call.head());
  const bool named = host && !request.call.peer().starts_with("unix");
  if (is_every_address(hub.config().host) && (!named || is_loopback(host_of(*host)))) return hub.url_on_network();
  return named ? fmt::format("{}://{}", hub.pin().empty() ? "http" : "https", *host) : hub.url();
}

/// The standard base64 of a pin, safe in a command line and in a URL's fragment.
std::string shell_safe(const std::string& pin) {
  const auto bytes = from_base64(pin);
  return bytes ? to_base64url(*bytes) : std::string();
}

/// The line to paste. Names with brackets are quoted: a shell would take them for a pattern.
std::string join_command(const std::string& url, const std::string& join, const std::string& pin) {
  const std::string script = url.find('[') == std::string::npos ? url + "/join" : "'" + url + "/join'";
  if (pin.empty()) return fmt::format("curl -fsS {} | sh -s -- '{}'", script, join);
  return fmt::format("curl -fsSk --pinnedpubkey 'sha256//{}' {} | sh -s -- '{}'", pin, script, join);
}

Awaitable<void> respond_file(http::ServerCall& call, std::string_view type, std::string body) {
  http::Response response;
  response.head.headers.set("content-type", type);
  response.head.headers.set("cache-control", "no-store");
  response.body = std::move(body);
  auto sent = co_await call.respond(std::move(response));
  (void)sent;  // who has gone needs no answer
}

}  // namespace

Awaitable<void> show_join_script(Request& request) {
  std::string script = join_script();
  co_await respond_file(request.call, "text/x-shellscript; charset=utf-8", std::move(script));
}

Awaitable<void> show_authority(Request& request) {
  const std::string& path = request.hub.authority_file();
  if (path.empty()) {
    const Error none(Code::not_found, "this hub has no authority of its own",
                     "it makes one when it is started with --lan and no certificate was brought");
    co_return co_await respond_error(request.call, none);
  }
  auto text = read_file(path, 64 * 1024);
  if (!text) co_return co_await respond_error(request.call, text.error());
  co_await respond_file(request.call, "application/x-pem-file", std::move(*text));
}

Awaitable<void> create_invite(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  access::InviteWish wish{json::string_or(*body, "name", ""), json::strings(*body, "labels")};
  std::function<Result<access::Invite>(store::Transaction&)> make = [wish](store::Transaction& tx) {
    return access::make_invite(tx, wish);
  };
  auto invite = co_await request.hub.database().write<access::Invite>(std::move(make));
  if (!invite) co_return co_await respond_error(request.call, invite.error());
  const std::string& pin = request.hub.pin();
  const std::string url = url_for_others(request);
  const std::string join = fmt::format("{}#{}{}{}", url, invite->code, pin.empty() ? "" : ".", shell_safe(pin));
  const json::object answer{{"join", join},
                            {"pin", pin.empty() ? json::value(nullptr) : json::value(pin)},
                            {"command", join_command(url, join, pin)},
                            {"expires_at", to_rfc3339(invite->expires_at)}};
  co_await respond_json(request.call, 201, answer);
}

Awaitable<void> enrol_node(Request& request) {
  auto body = co_await read_object(request.call, small_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const std::string wanted = json::string_or(*body, "name", "");
  const auto key = from_base64url(json::string_or(*body, "public_key", ""));
  if (!key) {
    const Error wrong(Code::invalid_argument, "public_key must be base64url without padding");
    co_return co_await respond_error(request.call, wrong);
  }
  std::function<Result<access::Enrolled>(store::Transaction&)> enrol = [code = json::string_or(*body, "code", ""), wanted,
                                                                        key = *key](store::Transaction& tx) {
    auto enrolled = access::enrol(tx, code, wanted, key);
    if (enrolled) fleet::admit_node(tx, enrolled->name, enrolled->labels, tx.now());
    return enrolled;
  };
  auto enrolled = co_await request.hub.database().write<access::Enrolled>(std::move(enrol));
  if (!enrolled) co_return co_await respond_error(request.call, enrolled.error());
  std::string name = enrolled->name;
  if (!enrolled->rename.empty()) {
    auto renamed = co_await request.hub.rename_node(name, enrolled->rename);
    if (renamed) name = enrolled->rename;  // else it stays what it was called
  }
  const json::object answer{{"id", name}, {"name", name}, {"hub", request.hub.config().name}};
  co_await respond_json(request.call, 201, answer);
}

}  // namespace flotte::hub
