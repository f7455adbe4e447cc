// Lines and paragraphs of text that is put together from pieces. Pure.
#pragma once
#include <string>
#include <string_view>

namespace flotte::work {

/// CR LF and CR become LF.
std::string fold_line_ends(std::string_view text);

/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

/// Every run of white space as one space, none at the ends.
std::string on_one_line(std::string_view text);

/// Puts blocks together with one empty line between them; lines of a list stand close.
class Paragraphs {
 public:
  void block(std::string_view text);
  void line(std::string_view text);
  std::string finish();

 private:
  void begin(bool close);
  std::string out_;
  bool in_list_ = false;
};

}  // namespace flotte::work
