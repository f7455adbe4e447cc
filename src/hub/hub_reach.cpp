// Listening: addresses, TLS, what the hub is called from elsewhere; and what its nodes are called.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "access/authority.hpp"
#include "access/enrolment.hpp"
#include "base/log.hpp"
#include "hub/hub.hpp"
#include "hub/reach.hpp"

namespace flotte::hub {
namespace {

bool is_dns_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() < 250 && std::all_of(name.begin(), name.end(), good);
}

/// What others may call this machine.
std::vector<std::string> machine_names() {
  char whole[256] = {};
  if (::gethostname(whole, sizeof whole - 1) != 0) whole[0] = 0;
  std::vector<std::string> out{"localhost"};
  for (const std::string& name : {std::string(whole), host_name(), host_name() + ".local"})
    if (is_dns_name(name) && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

}  // namespace

Result<void> Hub::prepare_tls() {
  std::string certificate = config_.tls_cert, key = config_.tls_key;
  if (config_.own_authority) {
    access::AuthorityOptions options{config_.data + "/tls", config_.name, machine_names(), machine_addresses()};
    for (const char* always : {"127.0.0.1", "::1"})
      if (std::find(options.addresses.begin(), options.addresses.end(), always) == options.addresses.end())
        options.addresses.emplace_back(always);
    auto identity = access::prepare_identity(options, system_clock().wall());
    if (!identity) return pass(identity);
    if (identity->reissued)
      log::info("the hub's certificate was made for the addresses of this machine", {{"file", identity->certificate_file}});
    certificate = identity->certificate_file;
    key = identity->key_file;
    authority_file_ = identity->authority_file;
  }
  if (certificate.empty()) return {};
  auto tls = http::TlsContext::server(certificate, key);
  if (!tls) return pass(tls);
  tls_ = *tls;
  pin_ = tls_->pin();
  return {};
}

Result<void> Hub::listen() {
  if (auto prepared = prepare_tls(); !prepared) return prepared;
  std::uint16_t port = config_.port;
  for (const auto& loop : loops_) {
    auto bound = loop->server.listen({.host = config_.host, .port = port, .unix_path = {}}, tls_);
    if (!bound) {
      Error why = bound.error();
      if (why.hint.find("listen =") != std::string::npos)
        why.hint += " under [hub] in " + (config_.options.config.empty() ? default_config_file() : config_.options.config);
      return std::unexpected(std::move(why));
    }
    port = *bound;
  }
  config_.port = port;
  const bool every = is_every_address(config_.host);
  // A certificate of one's own is for a name.
  url_ = every && config_.tls_cert.empty()
             ? url_on_network()
             : fmt::format("{}://{}:{}", tls_ ? "https" : "http", in_url(every ? host_name() : config_.host), port);
  return {};
}

std::string Hub::url_on_network() const {
  if (!is_every_address(config_.host)) return url_;
  std::string address = network_address();
  if (address.empty()) address = host_name();
  return fmt::format("{}://{}:{}", tls_ ? "https" : "http", in_url(address), config_.port);
}

std::string Hub::local_url() const {
  const bool every = is_every_address(config_.host);
  return every ? fmt::format("http://127.0.0.1:{}", config_.port) : url_;
}

Awaitable<Result<void>> Hub::change_node(std::string name, fleet::NodeChange change) {
  if (change.name && name == "home")
    co_return fail(Code::invalid_argument, "'home' is the hub's own node and keeps its name", "the hub's name is [hub] name");
  fleet::AlsoInRows also = [name, to = change.name](store::Transaction& tx) -> Result<void> {
    return to ? access::rename_node(tx, name, *to) : Result<void>();
  };
  auto changed = co_await fleet_->change_node(name, change, std::move(also));
  if (!changed || !change.name || *change.name == name) co_return changed;
  // Its streams and their ticket were under the old name; it links again and opens others.
  credentials_.forget(name);
  spares_->drop(name);
  co_return Result<void>();
}

Awaitable<Result<void>> Hub::rename_node(std::string name, std::string to) {
  fleet::NodeChange change;
  change.name = std::move(to);
  auto changed = co_await change_node(std::move(name), std::move(change));
  co_return changed;
}

}  // namespace flotte::hub
