// The list of models in Gemini's shape. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::route {

struct ListedModel {
  std::string name;
  std::int64_t context_tokens = 0;  // 0: unknown
};

/// "models/NAME", with what can be asked of it: a model whose name says so embeds, every other one answers.
json::object describe_gemini(const ListedModel& model);

/// One page. `page_size` and `page_token` as the client wrote them; empty: 50 models from the beginning. Error: invalid_argument.
Result<json::object> list_gemini(const std::vector<ListedModel>& models, std::string_view page_size, std::string_view page_token);

}  // namespace flotte::route
