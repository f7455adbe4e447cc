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
#include "route/price.hpp"

namespace flotte::route {

/// Calls under way at one place (an engine on a node, or a provider).
struct Load {
  std::atomic<std::int32_t> in_flight{0};
};

/// Whether a target may be asked; the rules are in plan.hpp. Times are steady milliseconds, 0 = never.
struct Health {
  std::atomic<std::int32_t> failures{0};         // in a row
  std::atomic<std::int64_t> closed_until_ms{0};  // not asked before that
  std::atomic<bool> by_quota{false};             // closed because it said "later" (429), not because it broke
};

/// How a place is reached. Immutable; shared by its targets and kept while the configuration of the place stays the same.
struct Upstream {
  std::shared_ptr<http::Connector> connector;
  std::string base_path;      // "/v1": before "/chat/completions"
  std::string authorization;  // whole value of the header, or empty. Secret: never logged
  std::string api_key;        // of Anthropic's own API, which wants it in x-api-key for messages; else empty. Secret
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
  std::shared_ptr<Load> load;      // of the place
  std::shared_ptr<Health> health;  // of the target
  std::optional<Price> price;      // of an engine: free; nothing: unknown
};

}  // namespace flotte::route
