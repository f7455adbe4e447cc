// Providers at run time: test, store, use, forget.
#include <filesystem>

#include "base/async/run_on.hpp"
#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/key_check.hpp"
#include "hub/providers.hpp"
#include "route/general_model.hpp"

namespace flotte::hub {
namespace {

json::object with_warnings(json::object provider, const std::vector<std::string>& warnings) {
  json::array list;
  for (const std::string& warning : warnings) list.emplace_back(warning);
  provider["warnings"] = std::move(list);
  return provider;
}

Awaitable<Result<void>> reserve(Hub& hub, std::string name, Result<void> (Providers::*how)(const std::string&)) {
  std::function<Result<void>()> work = [&hub, name = std::move(name), how] { return (hub.providers().*how)(name); };
  co_return co_await run_on<Result<void>>(hub.fleet_executor(), std::move(work));
}

Awaitable<void> release(Hub& hub, std::string name) {
  std::function<bool()> work = [&hub, name = std::move(name)] {
    hub.providers().release(name);
    return true;
  };
  (void)co_await run_on<bool>(hub.fleet_executor(), std::move(work));
}

Awaitable<Result<void>> save_key(Hub& hub, std::string key_file, Secret key) {
  std::function<Result<void>()> save = [&hub, key_file = std::move(key_file), key = std::move(key)] {
    return hub.providers().save_key(key_file, key);
  };
  co_return co_await hub.pool().run<void>(std::move(save));
}

Awaitable<void> remove_key_file(Hub& hub, std::string path) {
  std::function<Result<void>()> remove = [path]() -> Result<void> {
    std::error_code error;
    std::filesystem::remove(path, error);
    if (error) return fail(Code::io, "cannot remove " + path + ": " + error.message());
    return {};
  };
  const auto removed = co_await hub.pool().run<void>(std::move(remove));
  // The row is gone, so the file is an orphan: the next start tries again.
  if (!removed) log::error("a provider's key file is left", {{"reason", removed.error().message}});
}

/// The key's file first, then the row that names it: what a crash leaves behind is a file without a row, which the next start removes.
Awaitable<Result<void>> store_provider(Hub& hub, const route::StoredProvider& row, const Secret& key, std::vector<std::string> models) {
  const std::string path = hub.providers().path_of(row.key_file);
  auto saved = co_await save_key(hub, row.key_file, key);
  if (!saved) co_return saved;
  std::function<Result<void>(store::Transaction&)> insert = [row](store::Transaction& tx) { return route::insert_provider(tx, row); };
  auto inserted = co_await hub.database().write<void>(std::move(insert));
  if (!inserted) {
    co_await remove_key_file(hub, path);
    co_return inserted;
  }
  std::function<bool()> publish = [&hub, row, key, models = std::move(models)]() mutable {
    hub.providers().put(row, key);
    // Nobody can know beforehand what a server of somebody's own has: its list tells what `default` can be.
    if (route::has_own_address({.base_url = row.base_url})) hub.models().use_offer(row.name, std::move(models));
    hub.models().use(hub.providers().effective());
    return true;
  };
  (void)co_await run_on<bool>(hub.fleet_executor(), std::move(publish));
  co_return Result<void>{};
}

Awaitable<Result<json::object>> test_and_store(Request& request, const ProviderRequest& asked) {
  auto models = co_await check_key(request.loop.client, asked, &request.hub.pool());
  if (!models) co_return pass(models);
  const auto count = static_cast<std::int64_t>(models->size());
  const route::StoredProvider row{asked.name, asked.dialect, asked.base_url, random_token(12), count};
  if (asked.test_only) co_return Providers::describe(row, "it was tested, not stored");
  auto stored = co_await store_provider(request.hub, row, asked.api_key, std::move(*models));
  if (!stored) co_return pass(stored);
  log::info("provider added", {{"provider", row.name}, {"base_url", row.base_url}, {"models", row.models}});
  co_return Providers::describe(row, "");
}

Awaitable<Result<json::object>> forget(Hub& hub, std::string name) {
  std::function<Result<route::StoredProvider>(store::Transaction&)> erase = [name](store::Transaction& tx) {
    return route::delete_provider(tx, name);
  };
  auto row = co_await hub.database().write<route::StoredProvider>(std::move(erase));
  if (!row) co_return pass(row);
  co_await remove_key_file(hub, hub.providers().path_of(row->key_file));
  std::function<json::object()> drop = [&hub, name] {
    json::object was = hub.providers().drop(name);
    hub.models().use(hub.providers().effective());
    return was;
  };
  json::object was = co_await run_on<json::object>(hub.fleet_executor(), std::move(drop));
  log::info("provider removed", {{"provider", name}});
  co_return was;
}

}  // namespace

Awaitable<void> list_providers(Request& request) {
  std::function<json::array()> list = [&hub = request.hub] {
    json::array all = hub.providers().list();
    hub.models().add_standing(all);
    return all;
  };
  json::array items = co_await run_on<json::array>(request.hub.fleet_executor(), std::move(list));
  const json::value page = page_of(std::move(items), nullptr);
  co_await respond_json(request.call, 200, page);
}

Awaitable<void> add_provider(Request& request) {
  auto body = co_await read_object(request.call, small_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto asked = parse_provider_request(*body);
  if (!asked) co_return co_await respond_error(request.call, asked.error());
  if (!asked->test_only) {
    auto reserved = co_await reserve(request.hub, asked->name, &Providers::reserve_new);
    if (!reserved) co_return co_await respond_error(request.call, reserved.error());
  }
  auto added = co_await test_and_store(request, *asked);
  if (!asked->test_only) co_await release(request.hub, asked->name);
  if (!added) co_return co_await respond_error(request.call, added.error());
  const json::value answer = with_warnings(std::move(*added), asked->warnings);
  co_await respond_json(request.call, asked->test_only ? 200 : 201, answer);
}

Awaitable<void> remove_provider(Request& request) {
  const std::string name = request.captures.at(0);
  auto reserved = co_await reserve(request.hub, name, &Providers::reserve_old);
  if (!reserved) co_return co_await respond_error(request.call, reserved.error());
  auto was = co_await forget(request.hub, name);
  co_await release(request.hub, name);
  if (!was) co_return co_await respond_error(request.call, was.error());
  const json::value answer = std::move(*was);
  co_await respond_json(request.call, 200, answer);
}

}  // namespace flotte::hub
