// EPUBs: chapters in order, and what is said of broken ones.
#include "work/document/epub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "work/document/archive.hpp"
#include "work/document/zip_testing.hpp"
#include "work/text/converter.hpp"
#include "work/text/xhtml.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;
using testing::make_zip;
using Files = std::vector<std::pair<std::string, std::string>>;

const std::string package =
    "<?xml version=\"1.0\"?><package xmlns=\"http://www.idpf.org/2007/opf\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><metadata>"
    "<dc:title>Die Werkstatt</dc:title><dc:creator>A. Müller</dc:creator></metadata><manifest>"
    "<item id=\"two\" href=\"text/b%20two.xhtml\" media-type=\"application/xhtml+xml\"/>"
    "<item id=\"one\" href=\"../OEBPS/text/a.xhtml#start\" media-type=\"application/xhtml+xml\"/>"
    "<item id=\"image\" href=\"i.png\" media-type=\"image/png\"/></manifest>"
    "<spine><itemref idref=\"one\"/><itemref idref=\"image\"/><itemref idref=\"two\"/><itemref idref=\"one\"/></spine></package>";

Files book() {
  return {{"mimetype", "application/epub+zip"},
          {"META-INF/container.xml", "<container><rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>"},
          {"OEBPS/book.opf", package},
          {"OEBPS/text/b two.xhtml",
           encode_text("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><html><body><p>第二章</p></body></html>", "windows-31j").value()},
          {"OEBPS/text/a.xhtml",
           "<?xml version=\"1.0\"?><html><head><title/><script src=\"x\"/></head><body><h1>Eins</h1><a id=\"x\"/>"
           "<p>Größe</p></body></html>"}};
}

TEST(Epub, GivesItsChaptersInTheOrderOfTheSpine) {
  const auto text = epub_text(make_zip(book()));
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_EQ(*text, "# Die Werkstatt\n\nA. Müller\n\n# Eins\n\nGröße\n\n第二章\n");
}

TEST(Epub, SaysWhyItCannotBeRead) {
  Files missing = book();
  missing.pop_back();
  EXPECT_THAT(epub_text(make_zip(missing)).error().text(), HasSubstr("OEBPS/text/a.xhtml"));
  Files locked = book();
  locked.emplace_back("META-INF/encryption.xml", "<encryption><CipherReference URI=\"OEBPS/text/a.xhtml\"/></encryption>");
  EXPECT_THAT(epub_text(make_zip(locked)).error().text(), HasSubstr("encrypted"));
  Files fonts = book();
  fonts.emplace_back("META-INF/encryption.xml", "<encryption><CipherReference URI=\"OEBPS/font.otf\"/></encryption>");
  EXPECT_TRUE(epub_text(make_zip(fonts)));
  EXPECT_EQ(epub_text(make_zip({{"mimetype", "application/epub+zip"}})).error().code, Code::corrupt);
  EXPECT_EQ(epub_text("PK\x03\x04 rubbish").error().code, Code::corrupt);
}

TEST(Archive, CountsWhatComesAndNotWhatIsTold) {
  const std::string zip = make_zip({{"a", std::string(3'000'000, 'a')}, {"b", std::string(3'000'000, 'b')}, {"c", "c"}});
  ArchiveLimits limits;
  limits.file_bytes = 2'000'000;
  EXPECT_EQ(read_archive(zip, [](std::string_view) { return true; }, limits).error().code, Code::too_large);
  EXPECT_EQ(read_archive(zip, [](std::string_view n) { return n == "c"; }, limits).value().size(), 1u);
  limits.file_bytes = limits.total_bytes = 5'000'000;
  EXPECT_EQ(read_archive(zip, [](std::string_view) { return true; }, limits).error().code, Code::too_large);
  limits = {};
  limits.entries = 2;
  EXPECT_EQ(read_archive(zip, [](std::string_view) { return true; }, limits).error().code, Code::too_large);
}

TEST(Xhtml, EmptyElementsBecomePairs) {
  EXPECT_EQ(html_from_xhtml("<a id='x>y'/>b<br/>c<!-- <p/> -->d<p class=\"q\" />"),
            "<a id='x>y'></a>b<br/>c<!-- <p/> -->d<p class=\"q\" ></p>");
  EXPECT_EQ(html_from_xhtml("a < b"), "a < b");
  EXPECT_EQ(html_from_xhtml("x<"), "x<");
}

}  // namespace
}  // namespace flotte::work
