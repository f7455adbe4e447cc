// Rounds of GET /models.
#include "route/prober.hpp"

#include <map>

#include "base/async/wait.hpp"
#include "route/headers.hpp"
#include "route/plan.hpp"

namespace flotte::route {
namespace {

constexpr milliseconds patience{2'000};
constexpr std::size_t answer_limit = std::size_t{4} * 1024 * 1024;

http::RequestHead head_of(const Upstream& upstream, std::string_view hub_id) {
  http::RequestHead head;
  head.method = "GET";
  head.target = upstream.base_path + "/models";
  if (!upstream.api_key.empty() && upstream.own_format == dialect::Format::anthropic) {
    head.headers.add("x-api-key", upstream.api_key);
    head.headers.add("anthropic-version", "2023-06-01");
  } else if (!upstream.api_key.empty() && upstream.own_format == dialect::Format::gemini) {
    head.headers.add("x-goog-api-key", upstream.api_key);
  } else if (!upstream.authorization.empty()) {
    head.headers.add("Authorization", upstream.authorization);
  }
  if (!upstream.proxy_authorization.empty()) head.headers.add("Proxy-Authorization", upstream.proxy_authorization);
  head.headers.add("Accept-Encoding", "identity");
  head.headers.add(via_header, hub_id);
  return head;
}

/// Somebody speaks HTTP there and is not in trouble; whether it likes the question does not matter.
Awaitable<bool> reached(http::Client& client, std::shared_ptr<http::Connector> to, http::RequestHead head) {
  const http::Deadlines deadlines{.connect = patience, .first_byte = patience, .idle = patience};
  const std::string_view no_body;
  auto call = co_await client.send(to, head, no_body, deadlines);
  if (!call) co_return false;
  const int status = (*call)->head().status;
  // Read to its end, so that the connection is kept for the call that comes next.
  auto rest = co_await (*call)->read_all(answer_limit);
  co_return rest.has_value() && status < 500;
}

}  // namespace

Prober::Prober(http::Client& client, std::string hub_id, const Clock& clock) : client_(client), hub_id_(std::move(hub_id)), clock_(clock) {}

Awaitable<void> Prober::run(milliseconds period) {
  for (;;) {
    const bool slept = co_await sleep_for(period);
    if (!slept) co_return;
    co_await probe_all();
  }
}

Awaitable<void> Prober::probe_all() {
  const std::shared_ptr<const Table> table = table_;  // another one may come while a target is asked
  if (!table) co_return;
  std::map<const Upstream*, bool> known;
  for (const Target& target : table->targets()) {
    if (!target.health || !target.upstream || !wants_probe(*target.health)) continue;
    auto answer = known.find(target.upstream.get());
    if (answer == known.end()) {
      ++probes_;
      http::RequestHead head = head_of(*target.upstream, hub_id_);
      const bool there = co_await reached(client_, target.upstream->connector, std::move(head));
      answer = known.emplace(target.upstream.get(), there).first;
    }
    on_probe(*target.health, clock_.steady(), answer->second);
  }
}

}  // namespace flotte::route
