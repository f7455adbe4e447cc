// Keys of runs, tickets of streams, signatures of nodes.
#include "hub/credentials.hpp"

#include "access/enrolment.hpp"
#include "base/crypto.hpp"

namespace flotte::hub {

std::string HubCredentials::run_key(std::int64_t task, std::int64_t fence) { return tickets_.run_key({.task = task, .fence = fence}); }

std::string HubCredentials::stream_ticket(std::string_view node) {
  std::string ticket = random_token(32);
  std::lock_guard lock(mutex_);
  stream_tickets_[std::string(node)] = ticket;
  return ticket;
}

Result<std::string> HubCredentials::check_node(store::Transaction& rows, const wire::Hello& hello, std::string_view nonce,
                                               std::string_view hub) {
  const auto key = from_base64url(hello.public_key);
  auto known = access::find_node(rows, hello.node, key ? *key : std::string());
  if (!known) return pass(known);
  const auto signature = from_base64url(hello.signature);
  if (!signature || !verify_signature(known->public_key, access::link_text(nonce, hub, hello.node), *signature))
    return fail(Code::unauthenticated, "the signature of node '" + hello.node + "' is wrong", "remove the node and join it again");
  return known->name;
}

bool HubCredentials::check_stream_ticket(std::string_view node, std::string_view ticket) const {
  std::lock_guard lock(mutex_);
  const auto it = stream_tickets_.find(node);
  return it != stream_tickets_.end() && equal_secrets(it->second, ticket);
}

void HubCredentials::forget(const std::string& node) {
  std::lock_guard lock(mutex_);
  stream_tickets_.erase(node);
}

}  // namespace flotte::hub
