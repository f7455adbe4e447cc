// XML by pugixml.
#include "work/document/xml.hpp"

#include <fmt/format.h>

namespace flotte::work {
namespace {

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Without recursion: that is what it guards.
bool too_deep(const pugi::xml_node& root) {
  int depth = 0;
  for (pugi::xml_node node = root;;) {
    if (const auto down = node.first_child()) {
      if (++depth > deepest_xml) return true;
      node = down;
      continue;
    }
    while (!node.next_sibling()) {
      if (node == root || depth == 0) return false;
      node = node.parent();
      --depth;
      if (node == root) return false;
    }
    node = node.next_sibling();
  }
}

}  // namespace

Result<void> parse_xml(pugi::xml_document& document, std::string_view bytes) {
  if (bytes.size() > largest_xml) return fail(Code::too_large, fmt::format("its XML is larger than {} MiB", largest_xml >> 20));
  const auto parsed =
      document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_auto);
  if (!parsed) return fail(Code::corrupt, fmt::format("its XML is damaged at byte {}: {}", parsed.offset, parsed.description()));
  if (too_deep(document)) return fail(Code::too_large, "its XML is nested too deeply to be a document");
  return {};
}

std::string_view local_name(const pugi::xml_node& node) { return without_prefix(node.name()); }

std::string_view attribute(const pugi::xml_node& node, std::string_view name) {
  for (const auto& a : node.attributes())
    if (without_prefix(a.name()) == name) return a.value();
  return {};
}

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const auto& c : node.children())
    if (local_name(c) == name) return c;
  return {};
}

}  // namespace flotte::work
