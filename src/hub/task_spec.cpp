// Admission of submitted tasks.
#include "hub/task_spec.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "hub/hub.hpp"
#include "hub/rights.hpp"
#include "wire/members.hpp"

namespace flotte::hub {

Awaitable<Result<wire::TaskSpec>> admit_spec(Request& request, json::object object) {
  if (auto known = wire::check_task_members(object); !known) co_return pass(known);
  auto spec = wire::TaskSpec::from_json(object);
  if (!spec) co_return pass(spec);
  if (spec->deadline && spec->not_before && *spec->deadline <= *spec->not_before)
    co_return fail(Code::invalid_argument, "\"deadline\" is not after \"not_before\": it would fail before it may start");
  if (auto good = may_set_going(*request.caller, spec->kind); !good) co_return pass(good);
  if (spec->kind == wire::TaskKind::command || spec->kind == wire::TaskKind::agent) co_return std::move(*spec);
  if (spec->kind == wire::TaskKind::document) {
    const std::string blob = json::string_or(spec->input, "blob", "");
    if (!request.hub.blobs().has(blob))
      co_return fail(Code::invalid_argument, fmt::format("input.blob: the hub has no blob '{}'", blob),
                     "store it first: PUT /fleet/v1/blobs/{sha256}");
  }
  // A worker that is named brings its own model.
  if (spec->model.empty() && !spec->worker.empty()) co_return std::move(*spec);
  auto name = canonical_model(request.loop.table.get(), spec->model);
  if (!name) co_return pass(name);
  spec->model = std::move(*name);
  if (spec->budget_pico_usd && !is_priced(request.loop.table.get(), *spec))
    co_return fail(Code::unprocessable, fmt::format("what the model \"{}\" costs is not known, so a budget cannot be kept", spec->model),
                   "write its price into models.toml, or leave budget_usd out");
  co_return std::move(*spec);
}

bool is_priced(const route::Table* table, const wire::TaskSpec& spec) {
  if (spec.kind == wire::TaskKind::command || spec.kind == wire::TaskKind::agent) return true;
  if (!table || spec.model.empty()) return false;
  const auto route = table->resolve(spec.model);
  return route && route::priced(**route);
}

Result<fleet::Idempotency> idempotency_of(std::string_view key, std::string_view body) {
  const bool visible = std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key.empty() || key.size() > 128 || !visible) return fail(Code::invalid_argument, "Idempotency-Key: 1 to 128 visible characters");
  return fleet::Idempotency{std::string(key), sha256_hex(body)};
}

}  // namespace flotte::hub
