// A model whose rules choose a model: what a rule asks for, and which one a request meets first. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::route {

/// Everything that is set must hold.
struct When {
  std::optional<std::int64_t> min_tokens, max_tokens;  // of the request, estimated; both ends included
  std::optional<bool> images, tools;
  std::string key;                   // name or id of the caller's key, '*' stands for any text
  std::string label;                 // one of those in x-flotte-labels, '*' stands for any text
  std::optional<int> after, before;  // minutes of the day where the hub is; 22:00 to 06:00 is the night
  bool operator==(const When&) const = default;
};

/// One line of `rules`. The last one has no `when`.
struct RuleSpec {
  std::optional<When> when;
  std::string model;
};

/// What rules can ask about a request.
struct RequestFacts {
  std::int64_t tokens = 0;  // a quarter of the bytes of its text; pictures and files do not count
  bool images = false, tools = false;
};
struct Circumstances {
  RequestFacts facts;
  std::string_view key_id, key_name;
  std::string_view labels;  // the value of x-flotte-labels, separated by commas
  int minute_of_day = 0;
};

bool matches(const When& when, const Circumstances& now) noexcept;
/// "images, after 22:00"; "otherwise" for the rule without conditions.
std::string describe(const std::optional<When>& when);

/// Reads `rules` of a [[model]]. Errors (invalid_argument) name what is wrong.
Result<std::vector<RuleSpec>> parse_rules(const json::array& rules);

/// Looks at a valid JSON body of any of the client APIs, without parsing it.
RequestFacts scan_facts(std::string_view body) noexcept;

}  // namespace flotte::route
