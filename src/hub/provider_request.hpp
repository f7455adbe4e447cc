// What a person hands over to add a provider, checked before anything is sent anywhere. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"
#include "route/door.hpp"
#include "route/vendors.hpp"

namespace flotte::hub {

struct ProviderRequest {
  std::string name, title;  // `title` is for sentences: "Anthropic", or the address
  std::string dialect, base_url;
  Secret api_key;
  route::Door via;  // how the question leaves; not by a node's door, which only calls of models know
  route::KeyHeader models_key = route::KeyHeader::bearer;
  bool open_network_only = false;  // see must_be_open
  bool test_only = false;
  std::vector<std::string> warnings;  // a sentence each
};

/// Whether connections to that host are made to open addresses only. An address that is written out is meant as it is, and so is a name
/// that can only be near ("box.lan"); any other name could lead into this machine's networks without its reader's knowledge.
bool must_be_open(std::string_view host);

/// Errors: invalid_argument for what is missing or malformed; unprocessable for a text that is no API key of that vendor: one of flotte's
/// own, the token of a login, another vendor's. No error repeats the key.
Result<ProviderRequest> parse_provider_request(const json::object& body);

}  // namespace flotte::hub
