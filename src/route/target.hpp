// A place that answers calls, and what is known of it now. The atomics are shared by all loops and outlive tables.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dialect/api.hpp"
#include "http/client.hpp"
#include "route/config.hpp"
#include "route/limits.hpp"
#include "route/price.hpp"
#include "route/quota.hpp"

namespace flotte::route {

/// Calls under way at one place (an engine on a node, or a provider).
struct Load {
  std::atomic<std::int32_t> in_flight{0};
  Limiter limiter{Limits{}};  // of a provider
};

/// Why something is not asked for a while.
enum class Closed : std::uint8_t {
  broken,      // it failed several times in a row
  quota,       // it said "later" (429)
  overloaded,  // it has too much to do and named a time (503, 529)
  spend,       // money: a person has to do something about it
};

/// Whether a target (or everything at one account) may be asked; the rules are in plan.hpp. Times are steady milliseconds, 0 = never.
struct Health {
  std::atomic<std::int32_t> failures{0};         // in a row
  std::atomic<std::int64_t> closed_until_ms{0};  // not asked before that
  std::atomic<Closed> why{Closed::broken};       // of closed_until_ms
  std::atomic<bool> unreachable{false};          // the last failure: nobody took the connection
  Quota quota;                                   // as its answers told
};

/// How fast a target has been: moving averages, written by whoever has had an answer; the rules are in pace.hpp. 0 = not known yet.
struct Pace {
  std::atomic<std::int32_t> first_us{0};  // to the first content, at most half an hour
  std::atomic<std::int32_t> token_us{0};  // for each token after it
  std::atomic<std::int64_t> at_ms{0};     // steady time of the last measurement
};

/// How a place is reached. Immutable; shared by its targets and kept while the configuration of the place stays the same.
struct Upstream {
  std::shared_ptr<http::Connector> connector;
  std::string base_path;      // "/v1": before "/chat/completions"
  std::string authorization;  // whole value of the header, or empty. Secret: never logged
  std::string api_key;        // of a vendor that wants it in a field of its own for its own API; else empty. Secret
  dialect::Format own_format = dialect::Format::openai_chat;  // of that API
  std::string proxy_authorization;                            // of a plain call through a proxy, or empty. Secret
  dialect::ApiSet apis = dialect::openai_apis;
  Timeouts timeouts;
};

enum class TargetKind { engine, provider };

struct Target {
  TargetKind kind = TargetKind::engine;
  std::string name;                 // "provider/model" or "engine@node/model"
  std::string place;                // "provider" or "engine@node"
  std::string model;                // as the place calls it
  int slots = 1;                    // answers at the same time, 0 = unknown or as many as one likes
  std::int64_t context_tokens = 0;  // of one conversation, 0 = unknown
  std::shared_ptr<const Upstream> upstream;
  std::shared_ptr<Load> load;            // of the place
  std::shared_ptr<Health> health;        // of the target
  std::shared_ptr<Health> place_health;  // what is said of all models of the place; null: nothing is
  std::shared_ptr<Pace> pace;            // of the target; null for names that clients make up
  int weight = 1;                        // its share of calls, of strategy weighted
  std::optional<Price> price;            // of an engine: free; nothing: unknown
};

}  // namespace flotte::route
