// Source: Gemini API reference, "models.list".
#include "route/gemini_models.hpp"

#include <algorithm>
#include <charconv>

namespace flotte::route {
namespace {

constexpr std::size_t usual_page = 50, largest_page = 1000;

Result<std::size_t> parse_count(std::string_view text, std::size_t absent, std::string_view name) {
  if (text.empty()) return absent;
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size())
    return fail(Code::invalid_argument, std::string(name) + " is not a number that this list gave out");
  return value;
}

}  // namespace

json::object describe_gemini(const ListedModel& model) {
  json::object o;
  o["name"] = "models/" + model.name;
  o["version"] = "1";
  o["displayName"] = model.name;
  if (model.context_tokens > 0) o["inputTokenLimit"] = model.context_tokens;
  if (model.name.find("embed") != std::string::npos)
    o["supportedGenerationMethods"] = json::array{"embedContent", "batchEmbedContents"};
  else
    o["supportedGenerationMethods"] = json::array{"generateContent", "streamGenerateContent", "countTokens"};
  return o;
}

Result<json::object> list_gemini(const std::vector<ListedModel>& models, std::string_view page_size, std::string_view page_token) {
  auto size = parse_count(page_size, usual_page, "pageSize");
  if (!size) return pass(size);
  auto from = parse_count(page_token, 0, "pageToken");
  if (!from) return pass(from);
  const std::size_t page = std::clamp<std::size_t>(*size == 0 ? usual_page : *size, 1, largest_page);
  const std::size_t begin = std::min(*from, models.size()), end = std::min(models.size(), begin + page);
  json::object list;
  json::array& page_of = list["models"].emplace_array();
  for (std::size_t i = begin; i < end; ++i) page_of.push_back(describe_gemini(models[i]));
  if (end < models.size()) list["nextPageToken"] = std::to_string(end);
  return list;
}

}  // namespace flotte::route
