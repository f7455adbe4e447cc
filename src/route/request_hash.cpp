// Hashing a request in one canonical spelling.
#include "route/request_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "route/gateway.hpp"

namespace flotte::route {
namespace {

constexpr std::size_t canonical_limit = std::size_t{8} * 1024 * 1024;

/// They name the caller; agents put a new session's number there at every start.
constexpr std::array<std::string_view, 4> about_the_caller{"metadata", "user", "safety_identifier", "prompt_cache_key"};

/// Writes values in one spelling: members by name, no white space. Every kind begins with a letter of its own, and every text with its
/// length, so that no two values read alike.
class Canonical {
 public:
  explicit Canonical(Sha256& hash) : hash_(hash) {}

  void put(const json::value& value) {
    if (const auto* object = value.if_object()) return put(*object, Level::inner);
    if (const auto* array = value.if_array()) {
      put_text('a', std::to_string(array->size()));
      for (const json::value& element : *array) put(element);
    } else if (const auto* string = value.if_string()) {
      put_text('s', *string);
    } else {
      put_text('v', json::dump(value));
    }
  }

  enum class Level { top, inner };
  void put(const json::object& object, Level level) {
    std::vector<const json::object::value_type*> members;
    members.reserve(object.size());
    for (const auto& member : object) {
      const std::string_view name = member.key();
      const bool counts =
          level == Level::inner || std::find(about_the_caller.begin(), about_the_caller.end(), name) == about_the_caller.end();
      if (counts) members.push_back(&member);
    }
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
    put_text('o', std::to_string(members.size()));
    for (const auto* member : members) {
      put_text('k', member->key());
      put(member->value());
    }
  }

 private:
  void put_text(char kind, std::string_view text) {
    hash_.update(fmt::format("{}{}:", kind, text.size()));
    hash_.update(text);
  }
  Sha256& hash_;
};

}  // namespace

std::string request_hash(const dialect::ApiFacts& api, const PathFacts& path, std::string_view version, std::string_view body) {
  Sha256 hash;
  hash.update(fmt::format("{}\n{}\n{}\n", api.name, api.path, version));
  if (api.model_in_path) hash.update(fmt::format("{}\n{}{}\n", path.model, path.stream.value_or(false), path.json_array));
  const auto object = body.size() <= canonical_limit ? json::parse_object(body) : Result<json::object>(fail(Code::too_large, ""));
  if (object)
    Canonical(hash).put(*object, Canonical::Level::top);
  else
    hash.update(body);
  return hash.finish_hex();
}

}  // namespace flotte::route
