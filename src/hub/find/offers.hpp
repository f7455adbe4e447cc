// What providers at addresses of their own have: asked once they answer, and again from time to time, so that `default` is a model that is
// there and not one of the vendor whose name they bear. Lives on the loop of home's engines.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/async/wait.hpp"
#include "http/client.hpp"
#include "hub/models.hpp"

namespace flotte::hub {

class Offers {
 public:
  /// `models` lives on the fleet's loop. Both outlive it.
  Offers(http::Client& client, Executor fleet, Models& models) : client_(client), fleet_(fleet), models_(models) {}
  /// Until it is cancelled.
  Awaitable<void> run();

 private:
  Awaitable<void> ask(route::ProviderSpec provider);
  http::Client& client_;
  Executor fleet_;
  Models& models_;
};

/// GET base_url/models with the provider's key. Errors: those of http::Client::send; unauthenticated and forbidden where the key is
/// refused; unavailable for another status; corrupt where it is no list. No error repeats the key.
Awaitable<Result<std::vector<std::string>>> ask_models(http::Client& client, const route::ProviderSpec& provider,
                                                       std::chrono::milliseconds patience);

}  // namespace flotte::hub
