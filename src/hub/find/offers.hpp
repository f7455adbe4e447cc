// What providers at addresses of their own have: asked once they answer, and again from time to time, so that `default` is a model that is
// there and not one of the vendor whose name they bear. Lives on the loop of home's engines.
#pragma once
#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "base/async/wait.hpp"
#include "http/client.hpp"
#include "hub/models.hpp"
#include "hub/provider_request.hpp"

namespace flotte::hub {

class Offers {
 public:
  /// `models` lives on the fleet's loop. Both outlive it.
  Offers(http::Client& client, Executor fleet, Models& models) : client_(client), fleet_(fleet), models_(models) {}
  /// Until it is cancelled.
  Awaitable<void> run();
  /// Every one was asked once. Any thread.
  bool asked() const noexcept { return asked_; }
  /// Providers that do not take their key, and what they said. Any thread.
  std::map<std::string, std::string> refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  Awaitable<void> ask(route::ProviderSpec provider);
  http::Client& client_;
  Executor fleet_;
  Models& models_;
  std::atomic<bool> asked_{false};
  mutable std::mutex mutex_;
  std::map<std::string, std::string> refused_;
};

/// For `check_key`, which asks a provider for its list of models.
ProviderRequest request_for(const route::ProviderSpec& provider);

}  // namespace flotte::hub
