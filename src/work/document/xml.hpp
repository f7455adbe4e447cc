// XML of a document's inside, by pugixml, which reads no DTD and expands no entities of the document's own.
#pragma once
#include <pugixml.hpp>

#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

inline constexpr int deepest_xml = 256;  // levels of elements; no document of a person has as many
inline constexpr std::size_t largest_xml = 24 * 1024 * 1024;

/// White space between elements is kept. Errors: corrupt that names the place, too_large.
Result<void> parse_xml(pugi::xml_document& document, std::string_view bytes);

/// The name without its prefix: "p" of "w:p". Prefixes are the writer's choice.
std::string_view local_name(const pugi::xml_node& node);

/// The attribute of that local name, or empty.
std::string_view attribute(const pugi::xml_node& node, std::string_view name);

/// The first child of that local name, or an empty node.
pugi::xml_node child(const pugi::xml_node& node, std::string_view name);

}  // namespace flotte::work
