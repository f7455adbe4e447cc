// The encoding that a document names itself. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace flotte::work {

/// `encoding` of an XML declaration at the beginning, or nothing.
std::optional<std::string> declared_in_xml(std::string_view bytes);

/// Of an HTML document: its XML declaration, else the `charset` of the first <meta> that has one within 4 KiB (HTML asks for 1 KiB; real
/// pages are later).
std::optional<std::string> declared_in_html(std::string_view bytes);

}  // namespace flotte::work
