// XHTML for a parser of HTML. Pure.
#pragma once
#include <string>
#include <string_view>

namespace flotte::work {

/// HTML has no empty elements but its own few: <title/>, <script/> or <a id="x"/> would swallow what follows. They become a pair of tags.
std::string html_from_xhtml(std::string_view xhtml);

}  // namespace flotte::work
