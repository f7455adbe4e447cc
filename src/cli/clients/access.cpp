// The clients' key, found or made.
#include "cli/clients/access.hpp"

#include <filesystem>

#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/places.hpp"
#include "cli/trust.hpp"

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
  const Trust trust = find_trust(common.url, common.ca, common.data);
  client::Options options{.url = common.url, .key = std::move(key), .ca_file = trust.ca_file, .pin = trust.pin};
  auto connection = client::Connection::make(session.loop().executor(), std::move(options));
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

/// What that variable names already, unless it is the file that is about to be written.
std::string named_by(const char* variable, const std::string& but_not) {
  const std::string path = environment(variable);
  if (path.empty() || path == but_not) return {};
  return read_file(path, 16 * 1024 * 1024).value_or("");
}

std::string system_authorities(const std::string& but_not) {
  if (std::string named = named_by("SSL_CERT_FILE", but_not); !named.empty()) return named;
  for (const char* path : system_bundles)
    if (auto text = read_file(path, 16 * 1024 * 1024)) return std::move(*text);
  return {};
}

/// The hub's own authority in a file, asked for over a connection that is checked already; "" where it has none.
Awaitable<Result<std::string>> save_authority(Session& session, std::string path) {
  client::Request request;
  request.target = "/ca.pem";
  auto answer = co_await session.connection().request(request, 1024 * 1024);
  if (answer && answer->body.find("BEGIN CERTIFICATE") != std::string::npos) {
    auto kept = replace_file(path, answer->body, 0644);
    if (!kept) co_return pass(kept);
    co_return path;
  }
  if (!answer && !session.connection().answered()) co_return pass(answer);
  std::error_code error;
  const std::string& given = session.common().ca;
  co_return given.empty() ? given : std::filesystem::absolute(given, error).string();
}

/// Everything that is trusted without us and the hub's authority in one file, for programs that can be given only one.
void write_bundle(HubAccess& access) {
  const auto authority = read_file(access.ca_file, 1024 * 1024);
  if (access.ca_file.empty() || !authority) return;
  const std::string bundle = access.directory + "/authorities.pem";
  const std::string extra = named_by("NODE_EXTRA_CA_CERTS", bundle);
  const std::string all = system_authorities(bundle) + "\n" + extra + "\n" + *authority;
  if (!replace_file(bundle, all, 0644)) return;
  access.bundle = bundle;
  if (!extra.empty() && extra != *authority) access.ca_file = bundle;
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
  if (access.url.starts_with("https://")) {
    auto saved = co_await save_authority(session, file.substr(0, file.size() - 4) + ".pem");
    if (!saved) co_return pass(saved);
    access.ca_file = std::move(*saved);
    write_bundle(access);
  }
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
