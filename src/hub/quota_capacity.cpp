// Quotas of models, for the fleet.
#include "hub/quota_capacity.hpp"

#include "route/out_of_quota.hpp"

namespace flotte::hub {
namespace {

/// What is over so soon a call waits for by itself, in the gateway's line.
constexpr milliseconds worth_waiting{1'000};

}  // namespace

void QuotaCapacity::use(std::shared_ptr<const route::Table> table) {
  const std::lock_guard lock(mutex_);
  table_ = std::move(table);
}

std::optional<milliseconds> QuotaCapacity::wait(const std::string& model) {
  std::shared_ptr<const route::Table> table;
  {
    const std::lock_guard lock(mutex_);
    table = table_;
  }
  if (!table) return std::nullopt;
  const auto route = table->resolve(model);
  if (!route) return std::nullopt;
  const auto left = route::out_of_quota(**route, clock_.steady());
  return left && *left >= worth_waiting ? left : std::nullopt;
}

}  // namespace flotte::hub
