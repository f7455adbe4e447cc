// The table of both spellings.
#include "cli/spelling.hpp"

#include <array>
#include <string_view>

namespace flotte::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> spellings{{
    {"if_dependency_fails = run", "--even-if-failed"},
    {"GET /v1/models lists the names", "`flotte model ls` lists the names"},
    {"GET /fleet/v1/providers shows the quotas", "`flotte provider ls` lists the providers"},
    {"budget_day_usd", "--budget-day"},
    {"budget_month_usd", "--budget-month"},
}};

}  // namespace

std::string in_words_of_commands(std::string advice) {
  for (const auto& [api, command] : spellings)
    if (const std::size_t at = advice.find(api); at != std::string::npos) advice.replace(at, api.size(), command);
  return advice;
}

}  // namespace flotte::cli
