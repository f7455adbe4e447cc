// Reading an EPUB: container, package, chapters.
#include "work/document/epub.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "base/encoding.hpp"
#include "work/document/archive.hpp"
#include "work/document/xml.hpp"
#include "work/text/declared.hpp"
#include "work/text/encoding.hpp"
#include "work/text/html.hpp"
#include "work/text/lines.hpp"
#include "work/text/xhtml.hpp"

namespace flotte::work {
namespace {

constexpr std::string_view container = "META-INF/container.xml", encryption = "META-INF/encryption.xml";

struct Package {
  std::string title, authors;
  std::vector<std::string> chapters;  // names in the archive, in order
};

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (byte) {
      out += *byte;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// A reference of the package to the name of a file in the archive: "../text/a%20b.xhtml#x" from "OEBPS/book".
std::string resolve(std::string_view folder, std::string_view reference) {
  const std::string path = std::string(folder) + percent_decoded(reference.substr(0, reference.find('#')));
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

Result<std::string> find_package(const ArchiveFiles& files) {
  const auto it = files.find(container);
  if (it == files.end()) return fail(Code::corrupt, "it has no table of contents (META-INF/container.xml)");
  pugi::xml_document document;
  if (auto parsed = parse_xml(document, it->second); !parsed) return pass(parsed);
  const auto root = child(child(document.document_element(), "rootfiles"), "rootfile");
  return std::string(attribute(root, "full-path"));
}

Result<Package> parse_package(const std::string& name, std::string_view bytes) {
  pugi::xml_document document;
  if (auto parsed = parse_xml(document, bytes); !parsed) return pass(parsed);
  const std::string folder = name.substr(0, name.rfind('/') + 1);
  const auto root = document.document_element();
  Package package;
  for (const auto& node : child(root, "metadata").children()) {
    const std::string text = on_one_line(node.text().get());
    if (local_name(node) == "title" && package.title.empty()) package.title = text;
    if (local_name(node) == "creator") package.authors += (package.authors.empty() ? "" : ", ") + text;
  }
  std::map<std::string, std::string, std::less<>> items;
  for (const auto& node : child(root, "manifest").children()) {
    const std::string_view type = attribute(node, "media-type");
    if (type.find("html") != std::string_view::npos || type == "application/xml" || type == "text/plain")
      items.emplace(attribute(node, "id"), resolve(folder, attribute(node, "href")));
  }
  std::set<std::string, std::less<>> seen;
  for (const auto& node : child(root, "spine").children())
    if (const auto it = items.find(attribute(node, "idref")); it != items.end() && seen.insert(it->second).second)
      package.chapters.push_back(it->second);
  return package;
}

/// Fonts are often obfuscated; only chapters matter.
bool names_a_chapter(std::string_view encrypted, const Package& package) {
  for (const std::string& chapter : package.chapters)
    if (encrypted.find("\"" + chapter + "\"") != std::string_view::npos) return true;
  return false;
}

Result<std::string> read_epub(std::string_view bytes) {
  auto head = read_archive(bytes, [](std::string_view name) { return name == container || name == encryption || name.ends_with(".opf"); });
  if (!head) return pass(head);
  auto name = find_package(*head);
  if (!name) return pass(name);
  const auto opf = head->find(*name);
  if (opf == head->end()) return fail(Code::corrupt, fmt::format("its list of chapters (\"{}\") is missing", *name));
  auto package = parse_package(*name, opf->second);
  if (!package) return pass(package);
  if (const auto it = head->find(encryption); it != head->end() && names_a_chapter(it->second, *package))
    return fail(Code::unsupported, "its chapters are encrypted (digital rights management)");
  const std::set<std::string, std::less<>> wanted(package->chapters.begin(), package->chapters.end());
  auto files = read_archive(bytes, [&wanted](std::string_view n) { return wanted.contains(n); });
  if (!files) return pass(files);
  Paragraphs out;
  if (!package->title.empty()) out.block("# " + package->title);
  if (!package->authors.empty()) out.block(package->authors);
  bool any = false;
  for (const std::string& chapter : package->chapters) {
    const auto it = files->find(chapter);
    if (it == files->end()) return fail(Code::corrupt, fmt::format("its chapter \"{}\" is missing", chapter));
    auto decoded = decode_text(it->second, declared_in_html(it->second));
    if (!decoded) return pass(decoded, chapter);
    auto text = html_text(html_from_xhtml(decoded->text));
    if (!text) return pass(text, chapter);
    any = any || !trimmed(*text).empty();
    out.block(*text);
  }
  if (!any) return fail(Code::invalid_argument, "it has no text, perhaps only pictures");
  return out.finish();
}

}  // namespace

Result<std::string> epub_text(std::string_view bytes) {
  auto text = read_epub(bytes);
  if (!text) return pass(text, "the EPUB cannot be read");
  return text;
}

}  // namespace flotte::work
