// The clients' key, found or made.
#include "cli/clients/access.hpp"

#include <filesystem>

#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/places.hpp"

namespace flotte::cli {
namespace {

constexpr const char* system_bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

std::string file_name_of(const std::string& url) {
  std::string name;
  for (const char c : url.substr(std::min(url.find("://") + 3, url.size())))
    name += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ? c : '_';
  return name + ".key";
}

Awaitable<Result<bool>> key_works(Session& session, Secret key) {
  const Common& common = session.common();
  auto connection = client::Connection::make(session.loop().executor(), {.url = common.url, .key = std::move(key), .ca_file = common.ca});
  if (!connection) co_return pass(connection);
  client::Request request;
  request.target = "/fleet/v1/session";
  auto answer = co_await (*connection)->request(request);
  if (answer) co_return true;
  if (answer.error().code == Code::unauthenticated) co_return false;
  co_return pass(answer);
}

Awaitable<Result<Secret>> make_key(Session& session, std::string file) {
  json::object body;
  body["name"] = "clients on " + host_name().substr(0, 40) + " " + random_token(3);
  body["scopes"] = json::array{"models"};
  const std::string path = client::make_path("keys");
  auto made = co_await session.fleet().post(path, std::move(body));
  if (!made && made.error().code == Code::forbidden && !session.common().key.empty()) co_return session.common().key;
  if (!made) co_return pass(made);
  Secret key(json::string_or(*made, "key", ""));
  if (key.empty()) co_return fail(Code::corrupt, "the hub made a key and did not tell it", "is --url the address of a flotte hub?");
  auto kept = replace_file(file, key.reveal() + "\n", 0600);
  if (!kept) co_return pass(kept);
  co_return key;
}

Awaitable<Result<Secret>> find_key(Session& session, std::string file) {
  auto text = read_file(file, 4096);
  if (text) {
    text->erase(text->find_last_not_of(" \r\n") + 1);
    const Secret key(*text);
    auto works = co_await key_works(session, key);
    if (!works) co_return pass(works);
    if (*works) co_return key;
  }
  co_return co_await make_key(session, std::move(file));
}

/// The system's authorities and the hub's in one file, for programs that can be given only one.
std::string write_bundle(const std::string& ca_file, const std::string& directory) {
  auto own = read_file(ca_file, 1024 * 1024);
  if (!own) return {};
  std::string all;
  for (const char* path : system_bundles) {
    auto system = read_file(path, 16 * 1024 * 1024);
    if (!system) continue;
    all = std::move(*system);
    break;
  }
  const std::string path = directory + "/authorities.pem";
  return replace_file(path, all + "\n" + *own, 0644) ? path : std::string();
}

void add_trust(const Common& common, HubAccess& access) {
  if (!access.url.starts_with("https://")) return;
  std::error_code error;
  const std::string own = common.data + "/tls/ca.pem";
  access.ca_file = !common.ca.empty() ? common.ca : std::filesystem::exists(own, error) ? own : "";
  if (access.ca_file.empty()) return;
  access.ca_file = std::filesystem::absolute(access.ca_file, error).string();
  access.bundle = write_bundle(access.ca_file, access.directory);
}

}  // namespace

Awaitable<Result<HubAccess>> open_access(Session& session) {
  const Common& common = session.common();
  HubAccess access;
  access.url = session.connection().url();
  std::error_code error;
  access.directory = std::filesystem::absolute(common.data, error).string() + "/clients";
  auto made = make_directories(access.directory, 0700);
  if (!made) co_return pass(made);
  const std::string file = access.directory + "/" + file_name_of(access.url);
  auto key = co_await find_key(session, file);
  if (!key) co_return pass(key);
  access.key = std::move(*key);
  add_trust(common, access);
  co_return access;
}

Awaitable<Result<bool>> is_served(Session& session, std::string path) {
  client::Request request;
  request.target = std::move(path);
  auto answer = co_await session.connection().request(request, 16 * 1024 * 1024);
  if (answer) co_return true;
  if (!session.connection().answered()) co_return pass(answer);
  co_return answer.error().code != Code::not_found;
}

}  // namespace flotte::cli
