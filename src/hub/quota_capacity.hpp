// What the fleet asks about models before it hands out work for them: whether their providers can be asked at all.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "fleet/ports.hpp"
#include "route/table.hpp"

namespace flotte::hub {

/// Any thread.
class QuotaCapacity final : public fleet::Capacity {
 public:
  explicit QuotaCapacity(const Clock& clock = system_clock()) : clock_(clock) {}
  /// From now on names mean this.
  void use(std::shared_ptr<const route::Table> table);
  /// Of the names that workers have: a model's, or "provider/*". A name with a slash says itself who answers.
  bool answers(const std::string& model) override;
  std::optional<milliseconds> wait(const std::string& model) override;
  std::optional<milliseconds> outage(const std::string& model) override;
  std::optional<int> room(const std::string& model) override;

 private:
  std::shared_ptr<const route::Table> table();
  std::shared_ptr<const route::Route> route_of(const std::string& model);
  const Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const route::Table> table_;
};

}  // namespace flotte::hub
