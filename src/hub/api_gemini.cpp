// Gemini's paths: the model and what is asked of it are in the last part, "MODEL:METHOD".
#include <fmt/format.h>

#include <array>

#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

struct Method {
  std::string_view name;
  dialect::Api api;
  bool stream;
};
constexpr std::array methods{
    Method{"generateContent", dialect::Api::gemini, false},
    Method{"streamGenerateContent", dialect::Api::gemini, true},
    Method{"countTokens", dialect::Api::gemini_count, false},
    Method{"embedContent", dialect::Api::gemini_embed, false},
    Method{"batchEmbedContents", dialect::Api::gemini_batch_embed, false},
};

const Method* find_method(std::string_view name) {
  for (const Method& method : methods)
    if (method.name == name) return &method;
  return nullptr;
}

}  // namespace

Awaitable<void> call_gemini(Request& request) {
  const std::string& rest = request.captures.at(0);
  const std::size_t colon = rest.rfind(':');  // names of models may hold others
  const Method* method = colon == std::string::npos ? nullptr : find_method(std::string_view(rest).substr(colon + 1));
  if (!method || colon == 0) {
    const Error unknown(
        Code::not_found, "there is nothing at this path",
        "POST .../models/MODEL:generateContent, :streamGenerateContent, :countTokens, :embedContent or :batchEmbedContents");
    co_return co_await respond_error(request.call, unknown);
  }
  route::PathFacts path;
  path.model = rest.substr(0, colon);
  if (method->api == dialect::Api::gemini) path.stream = method->stream;
  path.json_array = method->stream && request.call.head().query("alt").value_or("") != "sse";
  co_await request.loop.gateway.call(request.call, request.caller->who, method->api, path);
}

}  // namespace flotte::hub
