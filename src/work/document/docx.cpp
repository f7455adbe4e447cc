// Walking a Word document.
#include "work/document/docx.hpp"

#include <fmt/format.h>

#include "work/document/archive.hpp"
#include "work/document/docx_styles.hpp"
#include "work/document/xml.hpp"
#include "work/text/lines.hpp"

namespace flotte::work {
namespace {

/// Left out with everything inside.
bool is_skipped(std::string_view name) {
  return name == "pPr" || name == "rPr" || name == "del" || name == "moveFrom" || name == "instrText" || name == "delText" ||
         name == "rt" || name == "sectPr" || name == "tblPr" || name == "tcPr" || name == "trPr" || name == "sdtPr";
}

class Walk {
 public:
  explicit Walk(const DocxStyles& styles) : styles_(styles) {}

  /// Paragraphs, tables and what wraps them. The XML is at most `deepest_xml` levels deep, so recursion is bounded.
  void blocks(const pugi::xml_node& parent, Paragraphs& out) {
    for (const auto& node : parent.children()) {
      const std::string_view name = local_name(node);
      if (name == "p")
        paragraph(node, out);
      else if (name == "tbl")
        table(node, out);
      else if (name == "AlternateContent")
        blocks(first_choice(node), out);
      else if (!is_skipped(name))
        blocks(node, out);
    }
  }

 private:
  static pugi::xml_node first_choice(const pugi::xml_node& alternatives) {
    const auto choice = child(alternatives, "Choice");
    return choice ? choice : child(alternatives, "Fallback");
  }

  void paragraph(const pugi::xml_node& p, Paragraphs& out) {
    std::string text;
    std::vector<pugi::xml_node> boxes;
    inlines(p, text, boxes);
    const auto place = styles_.place_of(child(p, "pPr"));
    const std::string_view content = trimmed(text);
    if (content.empty()) {
    } else if (place.heading > 0) {
      out.block(std::string(static_cast<std::size_t>(place.heading), '#') + ' ' + on_one_line(content));
    } else if (place.list) {
      out.line(counter_.label(*place.list) + std::string(content));
    } else {
      out.block(content);
    }
    for (const auto& box : boxes) blocks(box, out);
  }

  /// The text of runs, and the text boxes that hang on them.
  void inlines(const pugi::xml_node& parent, std::string& text, std::vector<pugi::xml_node>& boxes) {
    for (const auto& node : parent.children()) {
      const std::string_view name = local_name(node);
      if (name == "t")
        text += node.text().get();
      else if (name == "tab")
        text += '\t';
      else if (name == "br" || name == "cr")
        text += '\n';
      else if (name == "noBreakHyphen")
        text += "\u2011";
      else if (name == "footnoteReference" || name == "endnoteReference")
        text += fmt::format("[^{}{}]", name == "endnoteReference" ? "e" : "", attribute(node, "id"));
      else if (name == "txbxContent")
        boxes.push_back(node);
      else if (name == "AlternateContent")
        inlines(first_choice(node), text, boxes);
      else if (!is_skipped(name))
        inlines(node, text, boxes);
    }
  }

  void table(const pugi::xml_node& tbl, Paragraphs& out) {
    std::string rows;
    bool first = true;
    collect_rows(tbl, rows, first);
    out.block(rows);
  }

  void collect_rows(const pugi::xml_node& parent, std::string& rows, bool& first) {
    for (const auto& node : parent.children()) {
      const std::string_view name = local_name(node);
      if (name != "tr") {
        if (!is_skipped(name)) collect_rows(node, rows, first);
        continue;
      }
      std::vector<std::string> cells;
      collect_cells(node, cells);
      if (cells.empty()) continue;
      rows += fmt::format("| {} |\n", fmt::join(cells, " | "));
      if (first) rows += fmt::format("| {} |\n", fmt::join(std::vector<std::string>(cells.size(), "---"), " | "));
      first = false;
    }
  }

  void collect_cells(const pugi::xml_node& row, std::vector<std::string>& cells) {
    for (const auto& node : row.children()) {
      const std::string_view name = local_name(node);
      if (name != "tc") {
        if (!is_skipped(name)) collect_cells(node, cells);
        continue;
      }
      Paragraphs inside;
      blocks(node, inside);
      std::string cell;
      for (const char c : on_one_line(inside.finish())) cell += c == '|' ? std::string("\\|") : std::string(1, c);
      cells.push_back(std::move(cell));
    }
  }

  const DocxStyles& styles_;
  DocxListCounter counter_;
};

/// "[^1]: what it says", for each note that is no separator line.
void notes(const DocxStyles& styles, const pugi::xml_node& root, std::string_view mark, Paragraphs& out) {
  for (const auto& note : root.children()) {
    const std::string_view type = attribute(note, "type");
    if (!type.empty() && type != "normal") continue;
    Paragraphs inside;
    Walk(styles).blocks(note, inside);
    const std::string text = on_one_line(inside.finish());
    if (!text.empty()) out.line(fmt::format("[^{}{}]: {}", mark, attribute(note, "id"), text));
  }
}

bool is_read(std::string_view name) {
  return (name.starts_with("word/document") && name.ends_with(".xml")) || name == "word/styles.xml" || name == "word/numbering.xml" ||
         name == "word/footnotes.xml" || name == "word/endnotes.xml";
}

Result<void> parse_part(const ArchiveFiles& files, std::string_view name, pugi::xml_document& into) {
  const auto it = files.find(name);
  return it == files.end() ? Result<void>() : parse_xml(into, it->second);
}

}  // namespace

Result<std::string> docx_text(std::string_view bytes) {
  const auto files = read_archive(bytes, is_read);
  if (!files) return pass(files, "the Word document cannot be read");
  auto main = files->find("word/document.xml");
  if (main == files->end()) main = files->lower_bound("word/document");
  if (main == files->end() || !main->first.starts_with("word/document"))
    return fail(Code::corrupt, "the Word document cannot be read: it has no text part");
  pugi::xml_document document, styles_part, numbering_part, footnotes, endnotes;
  if (auto parsed = parse_xml(document, main->second); !parsed) return pass(parsed, "the Word document cannot be read");
  // Without styles, numbering and notes there is still the text.
  (void)parse_part(*files, "word/styles.xml", styles_part);
  (void)parse_part(*files, "word/numbering.xml", numbering_part);
  (void)parse_part(*files, "word/footnotes.xml", footnotes);
  (void)parse_part(*files, "word/endnotes.xml", endnotes);
  const DocxStyles styles(styles_part.document_element(), numbering_part.document_element());
  Paragraphs out;
  Walk(styles).blocks(document.document_element(), out);
  notes(styles, footnotes.document_element(), "", out);
  notes(styles, endnotes.document_element(), "e", out);
  std::string text = out.finish();
  if (text.empty()) return fail(Code::invalid_argument, "the Word document has no text");
  return text;
}

}  // namespace flotte::work
