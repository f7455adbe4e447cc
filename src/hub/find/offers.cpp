// Asking providers for their models.
#include "hub/find/offers.hpp"

#include "base/async/post.hpp"
#include "base/async/run_on.hpp"
#include "base/log.hpp"
#include "hub/key_check.hpp"
#include "route/general_model.hpp"
#include "route/provider_kind.hpp"

namespace flotte::hub {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds at_first = 5s, later = 60s;
constexpr auto patience = 5s;
constexpr std::size_t most_models = 2'000;

}  // namespace

ProviderRequest request_for(const route::ProviderSpec& provider) {
  ProviderRequest request;
  request.name = request.title = provider.name;
  request.dialect = provider.dialect;
  request.base_url = provider.base_url;
  request.api_key = provider.api_key;
  request.via = provider.via;
  if (const route::ProviderKind* kind = route::find_provider_kind(provider.dialect)) request.models_key = kind->models_key;
  return request;
}

Awaitable<void> Offers::ask(route::ProviderSpec provider) {
  const ProviderRequest request = request_for(provider);
  Awaitable<Result<std::vector<std::string>>> asking = check_key(client_, request);
  auto names = co_await with_deadline(patience, std::move(asking));
  {
    const bool refused = !names && is_refused_key(names.error());
    const std::lock_guard lock(mutex_);
    if (refused)
      refused_[provider.name] = names.error().message;
    else if (names)
      refused_.erase(provider.name);
  }
  if (!names) {
    log::debug("provider not asked for its models", {{"provider", provider.name}, {"why", names.error().text()}});
    co_return;
  }
  if (names->size() > most_models) names->resize(most_models);
  std::erase(*names, "");
  post_to(fleet_, [&models = models_, name = provider.name, has = std::move(*names)] { models.use_offer(name, has); });
}

Awaitable<void> Offers::run() {
  for (bool first = true;; first = false) {
    std::function<std::vector<route::ProviderSpec>()> list = [this] {
      std::vector<route::ProviderSpec> own;
      for (const auto& provider : models_.config().providers)
        if (route::has_own_address(provider)) own.push_back(provider);
      return own;
    };
    const auto providers = co_await run_on<std::vector<route::ProviderSpec>>(fleet_, std::move(list));
    for (const auto& provider : providers) co_await ask(provider);
    asked_ = true;
    const auto rest = first ? at_first : later;
    const bool rested = co_await sleep_for(rest);
    if (!rested) co_return;
  }
}

}  // namespace flotte::hub
