// Styles and numbering.
#include "work/document/docx_styles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace flotte::work {
namespace {

int number_of(std::string_view text, int fallback) {
  int value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "heading 2" in every language's Word; the outline's level counts from 0, and 9 is the body of the text.
int heading_of(const pugi::xml_node& properties, std::string_view name) {
  if (const auto outline = child(properties, "outlineLvl")) {
    const int level = number_of(attribute(outline, "val"), 9);
    return level >= 0 && level < 9 ? std::min(level + 1, 6) : 0;
  }
  if (name == "Title" || name == "title") return 1;
  if (name.starts_with("heading ") || name.starts_with("Heading ")) return std::clamp(number_of(name.substr(8), 1), 1, 6);
  return 0;
}

}  // namespace

DocxStyles::DocxStyles(const pugi::xml_node& styles, const pugi::xml_node& numbering) {
  for (const auto& node : styles.children()) {
    if (local_name(node) != "style") continue;
    Style style;
    const auto properties = child(node, "pPr");
    style.based_on = attribute(child(node, "basedOn"), "val");
    style.heading = heading_of(properties, attribute(child(node, "name"), "val"));
    const auto list = child(properties, "numPr");
    style.list = attribute(child(list, "numId"), "val");
    style.level = number_of(attribute(child(list, "ilvl"), "val"), 0);
    styles_.emplace(attribute(node, "styleId"), std::move(style));
  }
  std::map<std::string, std::map<int, bool>, std::less<>> abstract;
  for (const auto& node : numbering.children()) {
    if (local_name(node) != "abstractNum") continue;
    auto& levels = abstract[std::string(attribute(node, "abstractNumId"))];
    for (const auto& level : node.children()) {
      if (local_name(level) != "lvl") continue;
      const std::string_view format = attribute(child(level, "numFmt"), "val");
      levels[number_of(attribute(level, "ilvl"), 0)] = format != "bullet" && format != "none" && !format.empty();
    }
  }
  for (const auto& node : numbering.children())
    if (local_name(node) == "num")
      if (const auto it = abstract.find(attribute(child(node, "abstractNumId"), "val")); it != abstract.end())
        numbered_.emplace(attribute(node, "numId"), it->second);
}

DocxStyles::Style DocxStyles::resolved(std::string_view name) const {
  Style out;
  for (int i = 0; i < 16; ++i) {  // a chain of styles; a circle ends
    const auto it = styles_.find(name);
    if (it == styles_.end()) break;
    if (out.heading == 0) out.heading = it->second.heading;
    if (out.list.empty()) out.list = it->second.list, out.level = it->second.level;
    name = it->second.based_on;
  }
  return out;
}

DocxPlace DocxStyles::place_of(const pugi::xml_node& properties) const {
  Style style = resolved(attribute(child(properties, "pStyle"), "val"));
  DocxPlace place;
  place.heading = child(properties, "outlineLvl") ? heading_of(properties, "") : style.heading;
  if (const auto list = child(properties, "numPr")) {
    if (const auto id = child(list, "numId")) style.list = attribute(id, "val");
    style.level = number_of(attribute(child(list, "ilvl"), "val"), style.level);
  }
  if (style.list.empty() || style.list == "0") return place;  // 0 takes a style's list away
  DocxListPlace item{style.list, std::clamp(style.level, 0, 8), false};
  if (const auto it = numbered_.find(item.list); it != numbered_.end())
    if (const auto level = it->second.find(item.level); level != it->second.end()) item.numbered = level->second;
  place.list = std::move(item);
  return place;
}

std::string DocxListCounter::label(const DocxListPlace& place) {
  auto& counts = counts_[place.list];
  counts.erase(counts.upper_bound(place.level), counts.end());
  const int count = ++counts[place.level];
  std::string out(static_cast<std::size_t>(place.level) * 2, ' ');
  return out + (place.numbered ? fmt::format("{}. ", count) : "- ");
}

}  // namespace flotte::work
