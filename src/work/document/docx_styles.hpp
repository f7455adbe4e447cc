// What a Word document's styles and numbering say about a paragraph: a heading, an item of a list, or neither. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "work/document/xml.hpp"

namespace flotte::work {

/// An item of a list.
struct DocxListPlace {
  std::string list;  // the number of the list's definition
  int level = 0;
  bool numbered = false;
};

struct DocxPlace {
  int heading = 0;  // 1..6, or 0
  std::optional<DocxListPlace> list;
};

class DocxStyles {
 public:
  /// The roots of styles.xml and numbering.xml; empty nodes where there are none.
  DocxStyles(const pugi::xml_node& styles, const pugi::xml_node& numbering);
  /// `properties` is a paragraph's pPr; may be empty.
  DocxPlace place_of(const pugi::xml_node& properties) const;

 private:
  struct Style {
    std::string based_on, list;
    int heading = 0, level = 0;
  };
  Style resolved(std::string_view style) const;
  std::map<std::string, Style, std::less<>> styles_;
  std::map<std::string, std::map<int, bool>, std::less<>> numbered_;  // list -> level -> has numbers
};

/// Counts the items of a document's numbered lists.
class DocxListCounter {
 public:
  /// "- ", "2. ", with two spaces for each level before it.
  std::string label(const DocxListPlace& place);

 private:
  std::map<std::string, std::map<int, int>, std::less<>> counts_;
};

}  // namespace flotte::work
