// Which bytes are documents, and what is said of the others.
#include "work/document/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/random.hpp"
#include "work/document/plain.hpp"
#include "work/document/zip_testing.hpp"
#include "work/testing.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Case {
  const char* name;
  std::string bytes;
  const char* says;  // "text", "html", "pdf", or a part of the error
};

std::string_view word(Format format) {
  switch (format) {
    case Format::text: return "text";
    case Format::html: return "html";
    case Format::pdf: return "pdf";
    case Format::docx: return "docx";
    case Format::epub: return "epub";
    case Format::mail: return "mail";
    case Format::mailbox: return "mailbox";
  }
  return "?";
}

TEST(Recognise, LooksAtContentAndName) {
  using namespace std::string_literals;
  const std::string word_file = testing::make_zip({{"word/document.xml", "<x/>"}});
  const std::string book = testing::make_zip({{"mimetype", "application/epub+zip"}, {"META-INF/container.xml", "<x/>"}});
  const std::vector<Case> table{
      {"a.txt", "hello", "text"},
      {"README", "hello", "text"},
      {"a.md", "# hello", "text"},
      {"a.HTML", "hello", "html"},
      {"a.txt", "\xEF\xBB\xBF <!DOCTYPE html><p>x", "html"},
      {"a.txt", "<?xml version='1.0'?>\n<html>", "html"},
      {"a.xml", "<?xml version='1.0'?>\n<data>", "text"},
      {"a.pdf", "%PDF-1.7 ...", "pdf"},
      {"no-name", "%PDF-1.7 ...", "pdf"},
      {"a.pdf", "\n\n%PDF-1.4 ...", "pdf"},
      {"note.txt", "about %PDF- marks", "text"},
      {"a.pdf", "plain words", "is no PDF"},
      {"a.docx", "plain words", "is no Word document"},
      {"a.docx", word_file, "docx"},
      {"no-name", word_file, "docx"},
      {"a.docx", "PK\x03\x04 cut off", "docx"},
      {"a.epub", book, "epub"},
      {"a.zip", book, "epub"},
      {"a.xlsx", testing::make_zip({{"xl/workbook.xml", "<x/>"}}), "an Excel workbook"},
      {"a.zip", testing::make_zip({{"a.txt", "x"}}), "a ZIP archive"},
      {"a.doc", "\xD0\xCF\x11\xE0..."s, "old Office"},
      {"a.docx", "\xD0\xCF\x11\xE0 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"s, "password"},
      {"a.eml", "Subject: x\n\ny", "mail"},
      {"a.mbox", "From x\nSubject: x\n\ny", "mailbox"},
      {"a.txt", "From x\nSubject: x\n\ny", "text"},
      {"a.txt", "", "empty"},
      {"a.txt", " \r\n\t", "empty"},
      {"a.txt", "\xEF\xBB\xBF", "empty"},
      {"a.txt", "\x89PNG\r\n\x1a\n", "not a text document: a PNG image"},
      {"a.txt", "\xFF\xFEh\0i\0"s, "text"},
      {"a.txt", "h\0i\0 \0y\0o\0u\0"s, "text"},
      {"a.txt", "ID3 is a kind of tag", "text"},
      {"a.txt", "MM. Meyer", "text"},
      {"a.ogg", "OggS\0\0"s, "a sound"},
      {"a.bin", "ab\0cd"s, "binary data"},
  };
  for (const Case& row : table) {
    const auto format = recognise(row.name, row.bytes);
    if (format)
      EXPECT_EQ(word(*format), row.says) << row.name << ": " << row.bytes;
    else
      EXPECT_THAT(format.error().text(), HasSubstr(row.says)) << row.name << ": " << row.bytes;
  }
}

TEST(PlainText, SaysWhatItConverted) {
  const auto text = plain_text(
      "\xEF\xBB\xBF"
      "Gr\xFC\xDF"
      "e");
  ASSERT_TRUE(text);
  const auto latin = plain_text(
      "Gr\xFC\xDF"
      "e\r\n");
  ASSERT_TRUE(latin);
  EXPECT_EQ(latin->text, "Grüße\n");
  EXPECT_THAT(latin->notes, ElementsAre(HasSubstr("windows-1252")));
  EXPECT_THAT(plain_text("Grüße").value().notes, ElementsAre());
}

TEST(PlainText, FoldsLineEndsAndMarks) {
  EXPECT_EQ(plain_text("\xEF\xBB\xBF"
                       "a\r\nb\rc\n")
                .value()
                .text,
            "a\nb\nc\n");
}

TEST(PlainText, RepairsMojibakeAndSaysSo) {
  const auto read = read_in_process(Format::text, "fÃ¼r die PrÃ¼fung");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "für die Prüfung");
  EXPECT_THAT(read->notes, ElementsAre(HasSubstr("repaired")));
}

TEST(PdfOutcome, SaysWhatToDo) {
  const auto two = pdf_outcome(0, "page one\fpage two\f", "").value();
  EXPECT_EQ(two.text, "page one\npage two\n");
  EXPECT_EQ(two.pages, 2);
  EXPECT_EQ(two.letters, 14u);
  EXPECT_THAT(pdf_outcome(1, "", "Command Line Error: Incorrect password\n").error().text(), HasSubstr("password"));
  EXPECT_THAT(pdf_outcome(3, "", "").error().text(), HasSubstr("permit"));
  EXPECT_THAT(pdf_outcome(1, "", "Syntax Error: Couldn't find trailer dictionary\nmore").error().text(), HasSubstr("trailer dictionary"));
}

TEST(Scan, IsRecognisedByItsPictures) {
  const std::string list =
      "page   num  type   width height color comp bpc  enc interp  object ID x-ppi y-ppi size ratio\n"
      "--------------------------------------------------------------------------------------------\n"
      "   1     0 image    2480  3508  gray    1   8  jpeg   no         8  0   300   300  1.2M  14%\n";
  const std::string logo = "   1     0 image    300  300  rgb    3   8  jpeg   no         8  0   300   300  12K  14%\n";
  EXPECT_TRUE(is_scan({"", 1, 0}, list));
  EXPECT_TRUE(is_scan({"1", 1, 1}, list));
  EXPECT_FALSE(is_scan({"enough to say", 1, 300}, list));
  EXPECT_FALSE(is_scan({"Thanks", 1, 6}, logo));
  EXPECT_TRUE(is_scan({"", 1, 0}, logo));
  EXPECT_FALSE(is_scan({"", 1, 0}, ""));
}

TEST(Scan, ChoosesLanguages) {
  EXPECT_THAT(choose_languages("List of available languages in \"/usr/share\" (4):\ndeu\neng\njpn\nosd\n"),
              ElementsAre("eng", "deu", "jpn"));
  EXPECT_THAT(choose_languages("List:\nfra\nosd\n"), ElementsAre("fra"));
  EXPECT_THAT(choose_languages("osd\n"), ElementsAre());
  const std::vector<std::string> all{"eng", "deu", "jpn"};
  EXPECT_THAT(narrow_languages(all, std::string(100, 'a')), ElementsAre("eng", "deu"));
  EXPECT_EQ(narrow_languages(all, "short"), all);
  std::string japanese;
  for (int i = 0; i < 30; ++i) japanese += "点検を行い";
  EXPECT_THAT(narrow_languages(all, japanese), ElementsAre("eng", "jpn"));
}

struct Reading {
  explicit Reading(ReadLimits limits = {}) : reader(pool, limits) {}
  asio::io_context loop;
  BlockingPool pool{"reader", 1};
  DocumentReader reader;
  Result<std::string> read(std::string name, std::string bytes) {
    auto read = testing::wait(loop, reader.read(std::move(name), std::move(bytes)));
    if (!read) return pass(read);
    return std::move(read->text);
  }
};

/// A PDF of one page whose cross-reference table is right.
std::string small_pdf(const std::string& content) {
  std::vector<std::string> objects{
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /Font << /F << /Type /Font "
      "/Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
      fmt::format("<< /Length {} >>\nstream\n{}\nendstream", content.size(), content)};
  std::string pdf = "%PDF-1.4\n";
  std::string table = "0000000000 65535 f \n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", pdf.size());
    pdf += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t at = pdf.size();
  return pdf + fmt::format("xref\n0 {}\n{}trailer << /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1, table,
                           objects.size() + 1, at);
}

TEST(DocumentReader, ReadsTextHtmlAndPdf) {
  Reading r;
  EXPECT_EQ(r.read("a.txt", "hello\r\n").value(), "hello\n");
  EXPECT_EQ(r.read("a.html", "<h1>Hello</h1><p>you").value(), "# Hello\n\nyou\n");
  const auto pdf = r.read("a.pdf", small_pdf("BT /F 12 Tf 20 200 Td (Pressure test passed) Tj ET"));
  ASSERT_TRUE(pdf) << pdf.error().text();
  EXPECT_THAT(*pdf, HasSubstr("Pressure test passed"));
}

TEST(DocumentReader, SaysWhyItCannotReadAPdf) {
  Reading r;
  EXPECT_THAT(r.read("a.pdf", small_pdf("")).error().text(), HasSubstr("no text"));
  EXPECT_EQ(r.read("a.pdf", "%PDF-1.4\nrubbish").error().code, Code::corrupt);
}

TEST(DocumentReader, AnyBytesAreADocumentOrAnError) {
  Reading r;
  Random random(13);
  const std::string pdf = small_pdf("BT /F 12 Tf 20 200 Td (text) Tj ET");
  for (int round = 0; round < 30; ++round) {
    std::string bytes = pdf;
    for (int i = 0; i < 8; ++i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    const auto text = r.read("a.pdf", bytes);
    if (!text) {
      EXPECT_FALSE(text.error().message.empty());
      EXPECT_NE(text.error().code, Code::internal) << text.error().text();
    }
  }
}

/// A deterministic stand-in for a fuzzer: damaged samples of every format that is read in this process.
TEST(DocumentReader, DamagedDocumentsOfEveryFormatAreTextOrAnError) {
  const std::string docx = testing::make_zip(
      {{"word/document.xml",
        "<w:document xmlns:w=\"x\"><w:body><w:p><w:r><w:t>Text</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr>"
        "</w:tbl></w:body></w:document>"},
       {"word/styles.xml", "<w:styles xmlns:w=\"x\"><w:style w:styleId=\"a\"><w:basedOn w:val=\"a\"/></w:style></w:styles>"}});
  const std::string epub = testing::make_zip(
      {{"META-INF/container.xml", "<container><rootfiles><rootfile full-path=\"b.opf\"/></rootfiles></container>"},
       {"b.opf",
        "<package><manifest><item id=\"a\" href=\"a.xhtml\" media-type=\"text/html\"/></manifest><spine><itemref idref=\"a\"/>"
        "</spine></package>"},
       {"a.xhtml", "<html><body><p>one<br/>two<a id='x'/></p></body></html>"}});
  const std::string mail =
      "From: =?utf-8?B?R3LDvMOf?= <a@b>\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/html; charset=x\n"
      "Content-Transfer-Encoding: quoted-printable\n\n<p>a=FC=\n</p>\n--b\nContent-Type: a/b; name*0*=utf-8''%C3; name*1=x\n\n\n--b--\n";
  const std::vector<std::pair<Format, std::string>> samples{
      {Format::docx, docx},
      {Format::epub, epub},
      {Format::mail, mail},
      {Format::mailbox, "From x\n" + mail + "\nFrom y\n" + mail},
      {Format::html, "<?xml version='1.0' encoding='EUC-JP'?><html><meta charset=x><p>a<table><td>b</table>"},
      {Format::text, "fÃ¼r \xE4\x1B$B"}};
  Random random(14);
  for (int round = 0; round < 6'000; ++round) {
    auto [format, bytes] = samples[static_cast<std::size_t>(round) % samples.size()];
    for (std::uint64_t i = 1 + random.below(6); i > 0; --i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    if (random.one_in(4)) bytes.resize(random.below(bytes.size()) + 1);
    if (random.one_in(8)) bytes += bytes.substr(random.below(bytes.size()));
    const auto read = read_in_process(format, bytes);
    if (read)
      EXPECT_FALSE(find_bad_utf8(read->text)) << round;
    else
      EXPECT_FALSE(read.error().message.empty() || read.error().code == Code::internal) << round;
  }
}

TEST(DocumentReader, RefusesWhatIsTooLarge) {
  ReadLimits limits;
  limits.document_bytes = 10;
  Reading r(limits);
  EXPECT_EQ(r.read("a.txt", "eleven bytes").error().code, Code::too_large);
}

}  // namespace
}  // namespace flotte::work
