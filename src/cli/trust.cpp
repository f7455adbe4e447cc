// What the data directory says about hubs.
#include "cli/trust.hpp"

#include "base/file.hpp"
#include "base/json.hpp"
#include "http/client.hpp"

namespace flotte::cli {
namespace {

bool same_hub(const http::Url& a, const std::string& other) {
  const auto b = http::Url::parse(other);
  return b && a.scheme == b->scheme && a.host == b->host && a.port == b->port;
}

}  // namespace

Trust find_trust(const std::string& url, const std::string& ca, const std::string& data) {
  Trust out{ca, {}};
  const auto hub = http::Url::parse(url);
  if (!ca.empty() || !hub || hub->scheme != "https") return out;
  if (const auto text = read_file(data + "/node/node.json", 64 * 1024))
    if (const auto membership = json::parse_object(*text))
      if (same_hub(*hub, json::string_or(*membership, "hub_url", ""))) out.pin = json::string_or(*membership, "pin", "");
  const std::string own = data + "/tls/ca.pem";
  if (out.pin.empty() && read_file(own, 64 * 1024)) out.ca_file = own;
  return out;
}

}  // namespace flotte::cli
