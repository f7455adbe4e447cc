// The fleet's port for keys, answered by `access`: keys of runs, tickets of streams, signatures of nodes.
#pragma once
#include <map>
#include <mutex>
#include <string>

#include "access/ticket.hpp"
#include "fleet/ports.hpp"

namespace flotte::hub {

class HubCredentials final : public fleet::Credentials {
 public:
  explicit HubCredentials(const access::Tickets& tickets) : tickets_(tickets) {}
  std::string run_key(std::int64_t task, std::int64_t fence) override;
  /// A new one each time: the node's older tickets end.
  std::string stream_ticket(std::string_view node) override;
  Result<std::string> check_node(store::Transaction& rows, const wire::Hello& hello, std::string_view nonce, std::string_view hub) override;
  /// Whether that is the node's present ticket. Any thread.
  bool check_stream_ticket(std::string_view node, std::string_view ticket) const;
  /// The node's link has ended: its ticket too.
  void forget(const std::string& node);

 private:
  const access::Tickets& tickets_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> stream_tickets_;
};

}  // namespace flotte::hub
