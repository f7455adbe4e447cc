// Which bytes are documents, and what is said of the others.
#include "work/document/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/random.hpp"
#include "work/testing.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* name;
  std::string bytes;
  const char* says;  // "text", "html", "pdf", or a part of the error
};

TEST(Recognise, LooksAtContentAndName) {
  using namespace std::string_literals;
  const std::vector<Case> table{
      {"a.txt", "hello", "text"},
      {"README", "hello", "text"},
      {"a.md", "# hello", "text"},
      {"a.HTML", "hello", "html"},
      {"a.txt", "\xEF\xBB\xBF <!DOCTYPE html><p>x", "html"},
      {"a.pdf", "%PDF-1.7 ...", "pdf"},
      {"no-name", "%PDF-1.7 ...", "pdf"},
      {"a.pdf", "\n\n%PDF-1.4 ...", "pdf"},
      {"note.txt", "about %PDF- marks", "text"},
      {"a.pdf", "plain words", "is none"},
      {"a.txt", "", "empty"},
      {"a.txt", " \r\n\t", "empty"},
      {"a.txt", "\xEF\xBB\xBF", "empty"},
      {"a.txt", "\x89PNG\r\n\x1a\n", "not a text document: a PNG image"},
      {"a.docx", "PK\x03\x04...", "Office"},
      {"a.txt", "\xFF\xFEh\0i\0"s, "iconv -f UTF-16"},
      {"a.txt", "ID3 is a kind of tag", "text"},
      {"a.txt", "MM. Meyer", "text"},
      {"a.ogg", "OggS\0\0"s, "a sound"},
      {"a.bin", "ab\0cd"s, "binary data"},
  };
  for (const Case& row : table) {
    const auto format = recognise(row.name, row.bytes);
    const std::string said = !format ? format.error().text() : *format == Format::text ? "text" : *format == Format::html ? "html" : "pdf";
    if (format)
      EXPECT_EQ(said, row.says) << row.name << ": " << row.bytes;
    else
      EXPECT_THAT(said, HasSubstr(row.says)) << row.name << ": " << row.bytes;
  }
}

TEST(PlainText, NamesTheByteThatIsWrong) {
  auto text = plain_text(
      "\xEF\xBB\xBFGr\xFC\xDF"
      "e");
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().text(), HasSubstr("byte 5 (0xFC) is not UTF-8"));
  EXPECT_THAT(text.error().hint, HasSubstr("iconv"));
}

TEST(PlainText, FoldsLineEndsAndMarks) {
  EXPECT_EQ(plain_text("\xEF\xBB\xBF"
                       "a\r\nb\rc\n")
                .value(),
            "a\nb\nc\n");
}

TEST(PdfOutcome, SaysWhatToDo) {
  EXPECT_EQ(pdf_outcome(0, "page one\fpage two\f", "").value(), "page one\npage two\n");
  EXPECT_THAT(pdf_outcome(0, "\f\f \n", "").error().text(), HasSubstr("no text"));
  EXPECT_THAT(pdf_outcome(1, "", "Command Line Error: Incorrect password\n").error().text(), HasSubstr("password"));
  EXPECT_THAT(pdf_outcome(3, "", "").error().text(), HasSubstr("permit"));
  EXPECT_THAT(pdf_outcome(1, "", "Syntax Error: Couldn't find trailer dictionary\nmore").error().text(), HasSubstr("trailer dictionary"));
}

struct Reading {
  explicit Reading(ReadLimits limits = {}) : reader(pool, limits) {}
  asio::io_context loop;
  BlockingPool pool{"reader", 1};
  DocumentReader reader;
  Result<std::string> read(std::string name, std::string bytes) {
    return testing::wait(loop, reader.read(std::move(name), std::move(bytes)));
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

TEST(DocumentReader, RefusesWhatIsTooLarge) {
  ReadLimits limits;
  limits.document_bytes = 10;
  Reading r(limits);
  EXPECT_EQ(r.read("a.txt", "eleven bytes").error().code, Code::too_large);
}

}  // namespace
}  // namespace flotte::work
