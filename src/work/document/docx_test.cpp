// Word documents: what of them becomes text, and what hostile ones become.
#include "work/document/docx.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "work/document/xml.hpp"
#include "work/document/zip_testing.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;
using testing::make_zip;

constexpr const char* name_space = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

std::string document(const std::string& body) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document {}><w:body>{}</w:body></w:document>", name_space, body);
}
std::string docx(const std::string& body) { return make_zip({{"word/document.xml", document(body)}}); }
std::string run(const std::string& text) { return "<w:r><w:t xml:space=\"preserve\">" + text + "</w:t></w:r>"; }
std::string paragraph(const std::string& properties, const std::string& text) {
  return "<w:p><w:pPr>" + properties + "</w:pPr>" + run(text) + "</w:p>";
}

const std::string styles = fmt::format(
    "<w:styles {}><w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>"
    "<w:style w:styleId=\"Eigene\"><w:basedOn w:val=\"berschrift1\"/></w:style>"
    "<w:style w:styleId=\"U2\"><w:name w:val=\"anything\"/><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr></w:style>"
    "<w:style w:styleId=\"A\"><w:basedOn w:val=\"B\"/></w:style><w:style w:styleId=\"B\"><w:basedOn w:val=\"A\"/></w:style></w:styles>",
    name_space);
const std::string numbering = fmt::format(
    "<w:numbering {}><w:abstractNum w:abstractNumId=\"7\"><w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"decimal\"/></w:lvl>"
    "<w:lvl w:ilvl=\"1\"><w:numFmt w:val=\"bullet\"/></w:lvl></w:abstractNum>"
    "<w:num w:numId=\"3\"><w:abstractNumId w:val=\"7\"/></w:num></w:numbering>",
    name_space);

std::string item(int level, const std::string& text) {
  return paragraph(fmt::format("<w:numPr><w:ilvl w:val=\"{}\"/><w:numId w:val=\"3\"/></w:numPr>", level), text);
}
std::string row(const std::vector<std::string>& cells) {
  std::string out = "<w:tr>";
  for (const auto& cell : cells) out += "<w:tc>" + paragraph("", cell) + "</w:tc>";
  return out + "</w:tr>";
}

TEST(Docx, BecomesMarkdown) {
  const std::string body = paragraph("<w:pStyle w:val=\"Eigene\"/>", "Prüfbericht") + paragraph("", "Größe &amp; Gewicht") +
                           paragraph("<w:pStyle w:val=\"U2\"/>", "Ablauf") + item(0, "messen") + item(1, "Länge") + item(1, "Breite") +
                           item(0, "wiegen") + "<w:p>" + run("Siehe") +
                           "<w:r><w:footnoteReference w:id=\"2\"/></w:r><w:del><w:r><w:delText>gelöscht</w:delText></w:r></w:del>" +
                           "<w:ins>" + run(" und neu") + "</w:ins><w:r><w:br/></w:r>" + run("zweite Zeile") + "</w:p><w:tbl>" +
                           row({"Teil", "Wert"}) + row({"Pumpe", "a|b"}) + "</w:tbl>" + paragraph("<w:pStyle w:val=\"A\"/>", "日本語");
  const std::string notes = fmt::format(
      "<w:footnotes {}><w:footnote w:id=\"0\" w:type=\"separator\"><w:p/></w:footnote><w:footnote w:id=\"2\">{}</w:footnote></w:footnotes>",
      name_space, paragraph("", "die Norm"));
  const auto text = docx_text(make_zip({{"[Content_Types].xml", "<Types/>"},
                                        {"word/document.xml", document(body)},
                                        {"word/styles.xml", styles},
                                        {"word/numbering.xml", numbering},
                                        {"word/footnotes.xml", notes},
                                        {"word/vbaProject.bin", "macro"}}));
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_EQ(
      *text,
      "# Prüfbericht\n\nGröße & Gewicht\n\n## Ablauf\n\n1. messen\n  - Länge\n  - Breite\n2. wiegen\n\nSiehe[^2] und neu\nzweite Zeile\n\n"
      "| Teil | Wert |\n| --- | --- |\n| Pumpe | a\\|b |\n\n日本語\n\n[^2]: die Norm\n");
}

TEST(Docx, ReadsTextBoxesOnceAndRubyWithoutItsReading) {
  const std::string box = "<w:txbxContent>" + paragraph("", "Kasten") + "</w:txbxContent>";
  const std::string body = "<w:p>" + run("davor") + "<w:r><mc:AlternateContent xmlns:mc=\"x\"><mc:Choice><w:drawing>" + box +
                           "</w:drawing></mc:Choice><mc:Fallback><w:pict>" + box +
                           "</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>" + "<w:p><w:r><w:ruby><w:rt>" + run("かんじ") +
                           "</w:rt><w:rubyBase>" + run("漢字") + "</w:rubyBase></w:ruby></w:r></w:p>" + "<w:sdt><w:sdtContent>" +
                           paragraph("", "Feld") + "</w:sdtContent></w:sdt>";
  EXPECT_EQ(docx_text(docx(body)).value(), "davor\n\nKasten\n\n漢字\n\nFeld\n");
}

TEST(Docx, SaysWhyItCannotBeRead) {
  const std::string good = docx(paragraph("", "text"));
  EXPECT_EQ(docx_text(good.substr(0, good.size() / 2)).error().code, Code::corrupt);
  EXPECT_EQ(docx_text(make_zip({{"a.txt", "x"}})).error().code, Code::corrupt);
  EXPECT_THAT(docx_text(make_zip({{"word/document.xml", "<w:document><w:body>"}})).error().text(), HasSubstr("damaged"));
  EXPECT_EQ(docx_text(docx("")).error().code, Code::invalid_argument);
}

TEST(Docx, BoundsWhatIsHostile) {
  // Entities of its own are not expanded.
  const std::string laughs = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>" + document(paragraph("", "&b;x"));
  const auto text = docx_text(make_zip({{"word/document.xml", laughs}}));
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_LT(text->size(), 20u);
  std::string deep, end;
  for (int i = 0; i < deepest_xml + 10; ++i) deep += "<w:x>", end += "</w:x>";
  EXPECT_EQ(docx_text(docx(deep + end)).error().code, Code::too_large);
  // A bomb: little as a ZIP, more than the limit as XML.
  const std::string bomb = docx(paragraph("", std::string(largest_xml + 1, 'a')));
  EXPECT_LT(bomb.size(), 1'000'000u);
  EXPECT_EQ(docx_text(bomb).error().code, Code::too_large);
}

}  // namespace
}  // namespace flotte::work
