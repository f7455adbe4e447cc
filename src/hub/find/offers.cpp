// Asking providers for their models.
#include "hub/find/offers.hpp"

#include <fmt/format.h>

#include "base/async/post.hpp"
#include "base/async/run_on.hpp"
#include "base/log.hpp"
#include "engine/running_server.hpp"
#include "route/general_model.hpp"

namespace flotte::hub {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds at_first = 5s, later = 60s;
constexpr auto patience = 5s;
constexpr std::size_t answer_limit = 4 * 1024 * 1024;
constexpr std::size_t most_models = 2'000;

Awaitable<Result<std::string>> read_models(http::Client& client, std::shared_ptr<http::Connector> to, http::RequestHead head,
                                           std::chrono::milliseconds time) {
  const http::Deadlines deadlines{.connect = time, .first_byte = time, .idle = time};
  auto call = co_await client.send(to, head, "", deadlines);
  if (!call) co_return pass(call);
  const int status = (*call)->head().status;
  if (status == 401) co_return fail(Code::unauthenticated, "it refuses the key (401)");
  if (status == 403) co_return fail(Code::forbidden, "it refuses the key (403)");
  if (status != 200) co_return fail(Code::unavailable, fmt::format("it answered {} to a request for its models", status));
  auto body = co_await (*call)->read_all(answer_limit);
  co_return body;
}

}  // namespace

Awaitable<Result<std::vector<std::string>>> ask_models(http::Client& client, const route::ProviderSpec& provider,
                                                       std::chrono::milliseconds time) {
  auto url = http::Url::parse(provider.base_url);
  if (!url) co_return pass(url);
  std::shared_ptr<http::TlsContext> tls;
  if (url->scheme == "https") {
    auto made = http::TlsContext::client();
    if (!made) co_return pass(made);
    tls = *made;
  }
  auto connector = http::tcp_connector(url->host, url->port, tls);
  http::RequestHead head;
  head.method = "GET";
  head.target = url->path + "/models";
  head.headers.set("accept", "application/json");
  if (!provider.api_key.empty()) head.headers.set("authorization", "Bearer " + provider.api_key.reveal());
  Awaitable<Result<std::string>> reading = read_models(client, connector, std::move(head), time);
  auto body = co_await with_deadline(time, std::move(reading));
  client.forget(*connector);
  if (!body) co_return pass(body);
  auto answer = json::parse_object(*body);
  if (!answer) co_return fail(Code::corrupt, "it did not answer with a list of models");
  auto names = engine::model_names("openai", *answer);
  if (names.size() > most_models) names.resize(most_models);
  co_return names;
}

Awaitable<void> Offers::ask(route::ProviderSpec provider) {
  auto names = co_await ask_models(client_, provider, patience);
  if (!names) {
    log::debug("provider not asked for its models", {{"provider", provider.name}, {"why", names.error().text()}});
    co_return;
  }
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
    const auto rest = first ? at_first : later;
    const bool rested = co_await sleep_for(rest);
    if (!rested) co_return;
  }
}

}  // namespace flotte::hub
