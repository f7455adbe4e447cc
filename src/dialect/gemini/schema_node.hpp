// One place of a JSON schema, with its references and `allOf` followed. Internal to dialect.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/detail/fields.hpp"

namespace flotte::dialect::gemini {

struct SchemaNode {
  std::vector<std::pair<std::string, detail::Value>> words, properties;
  std::vector<std::string> required;
  std::vector<std::string> references;  // that were followed to get here
  bool merged = false;                  // several of `allOf` were laid over each other
  bool missing = false;                 // a reference leads nowhere

  const detail::Value* find(std::string_view word) const noexcept;
};

/// Lays another schema over the node. `root`: the whole schema, in which references are looked up ("#/$defs/NAME" and every other pointer);
/// all views are into it. `budget`: bytes that may still be read; where it ends, references lead nowhere.
void lay_over(SchemaNode& node, const detail::Value& schema, const detail::Value& root, std::int64_t& budget);

}  // namespace flotte::dialect::gemini
