// Between keys and accounts.
#include "hub/key_accounts.hpp"

#include <fmt/format.h>

#include "base/money.hpp"
#include "fleet/shares.hpp"

namespace flotte::hub {
namespace {

Result<std::optional<std::int64_t>> parse_budget(const json::object& body, std::string_view name) {
  const auto it = body.find(name);
  if (it == body.end() || it->value().is_null()) return std::nullopt;
  if (it->value().is_string()) {
    const std::string text(it->value().get_string());
    if (const auto usd = parse_usd(text); usd && *usd >= 0) return usd;
  }
  return fail(Code::invalid_argument, fmt::format("\"{}\" must be dollars as a string, such as \"5\" or \"0.50\"", name),
              "leave it out for no budget");
}

}  // namespace

std::vector<route::AccountBook::Entry> account_entries(const access::Keyring& ring) {
  std::vector<route::AccountBook::Entry> entries;
  for (const access::Key* key : ring.payers())
    entries.push_back({key->id, key->name, {key->limits.requests_per_minute, key->limits.day_pico_usd, key->limits.month_pico_usd}});
  return entries;
}

json::object key_json(const access::Key& key, const route::AccountBook& accounts, WallTime now) {
  json::object o = key.to_json();
  o["spent_day_usd"] = o["spent_month_usd"] = o["reserved_usd"] = nullptr;
  const auto account = accounts.find(key.id);
  if (!account) return o;
  const std::int64_t reserved = account->reserved();
  // What is set aside for calls under way is not spent yet.
  const auto spent = [reserved](std::int64_t total) { return format_usd(std::max<std::int64_t>(0, total - reserved)); };
  o["spent_day_usd"] = spent(account->day_total(now));
  o["spent_month_usd"] = spent(account->month_total(now));
  o["reserved_usd"] = format_usd(std::max<std::int64_t>(0, reserved));
  return o;
}

Result<std::optional<double>> parse_weight(const json::object& body) {
  const auto it = body.find("weight");
  if (it == body.end() || it->value().is_null()) return std::optional<double>();
  const double weight = it->value().is_number() ? it->value().to_number<double>() : 0;
  if (weight < fleet::least_weight || weight > fleet::most_weight)
    return fail(Code::invalid_argument, "\"weight\" must be a number from 0.01 to 1000", "1 is everybody's");
  return std::optional(weight);
}

std::map<std::string, double, std::less<>> owner_weights(const access::Keyring& ring) {
  std::map<std::string, double, std::less<>> weights;
  for (const access::Key* key : ring.all())
    if (key->limits.weight != 1) weights[key->name] = key->limits.weight;
  return weights;
}

Result<access::KeyLimits> parse_key_limits(const json::object& body) {
  access::KeyLimits limits;
  if (const auto it = body.find("rpm"); it != body.end() && !it->value().is_null()) {
    if (!it->value().is_int64() || it->value().get_int64() < 0 || it->value().get_int64() > 1'000'000)
      return fail(Code::invalid_argument, "\"rpm\" must be a whole number of requests a minute, at most 1000000", "0 is no limit");
    limits.requests_per_minute = it->value().get_int64();
  }
  auto weight = parse_weight(body);
  if (!weight) return pass(weight);
  limits.weight = weight->value_or(1);
  if (const auto it = body.find("providers"); it != body.end() && !it->value().is_null()) {
    auto names = json::strings(body, "providers");
    if (!it->value().is_array() || names.size() != it->value().get_array().size())
      return fail(Code::invalid_argument, "\"providers\" must be an array of names", "leave it out for all providers and engines");
    if (!names.empty()) limits.providers = std::make_shared<const std::vector<std::string>>(std::move(names));
  }
  auto day = parse_budget(body, "budget_day_usd");
  if (!day) return pass(day);
  auto month = parse_budget(body, "budget_month_usd");
  if (!month) return pass(month);
  limits.day_pico_usd = *day;
  limits.month_pico_usd = *month;
  return limits;
}

}  // namespace flotte::hub
