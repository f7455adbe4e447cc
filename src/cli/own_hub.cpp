// The data directory and the configuration file as signposts.
#include "cli/own_hub.hpp"

#include "base/config.hpp"
#include "base/file.hpp"
#include "http/client.hpp"

namespace flotte::cli {
namespace {

bool is_address(const std::string& url) {
  const auto parsed = http::Url::parse(url);
  return parsed && (parsed->scheme == "http" || parsed->scheme == "https");
}

/// "0.0.0.0:7700" is reached at http://127.0.0.1:7700. Empty for what is no address, and for port 0, which says nothing.
std::string url_of(const json::object& hub) {
  const std::string listen = json::string_or(hub, "listen", "");
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || listen.ends_with(":0")) return {};
  std::string host = listen.substr(0, colon);
  const bool every = host.empty() || host == "0.0.0.0" || host == "[::]" || host == "::";
  if (every) host = "127.0.0.1";
  if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
  // On this machine a hub that listens everywhere speaks plain HTTP; one with a certificate speaks TLS where it listens.
  const bool tls = !every && !json::string_or(hub, "tls_cert", "").empty();
  std::string url = (tls ? "https://" : "http://") + host + listen.substr(colon);
  return is_address(url) ? url : std::string();
}

}  // namespace

std::string own_hub_url(const std::string& data, const std::string& config) {
  if (auto written = read_file(data + "/hub.address", 4096)) {
    written->erase(written->find_last_not_of(" \t\r\n") + 1);
    if (is_address(*written)) return *written;
  }
  if (const auto document = config::load(config, config::Missing::is_empty))
    if (std::string url = url_of(document->hub()); !url.empty()) return url;
  return "http://127.0.0.1:7700";
}

}  // namespace flotte::cli
