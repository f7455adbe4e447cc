// What answers: the hub, engines, providers. On a loop; every question has a deadline.
#pragma once
#include "base/async/wait.hpp"
#include "http/client.hpp"
#include "hub/config.hpp"
#include "hub/doctor/check.hpp"

namespace flotte::hub {

/// The hub of the configuration, or a free port for it. `models`: how many names can be asked for there; -1 where no hub answers.
Awaitable<Check> check_hub(http::Client& client, const HubConfig& config, int& models);
/// Ollama and llama-server where they usually are, and what [[engine]] names by address.
Awaitable<Checks> check_servers(http::Client& client, const HubConfig& config);

/// Whether keys are shown to their providers, which is a request that leaves this machine.
enum class Ask { offline, online };
/// The keys in the environment and the providers of the file.
Awaitable<Checks> check_providers(http::Client& client, const HubConfig& config, Ask ask);

}  // namespace flotte::hub
