// The same sentences in every encoding that people have, with and without help.
#include "work/text/encoding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "work/text/converter.hpp"
#include "work/text/declared.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

const std::string german = "Grüße aus München: die Prüfung kostet 23 € – „gut gemacht“.\n";
const std::string japanese = "設備の点検を行い、異常がないことを確認しました。来週の会議で報告します。\n";

struct Case {
  std::string bytes, text, encoding;
};

TEST(Encoding, IsRecognisedWithoutHelp) {
  std::vector<Case> table{
      {german, german, "UTF-8"},
      {"\xEF\xBB\xBF" + german, german, "UTF-8"},
      {"\xFF\xFE" + encode_text(german, "UTF-16LE").value(), german, "UTF-16LE"},
      {"\xFE\xFF" + encode_text(german, "UTF-16BE").value(), german, "UTF-16BE"},
      {"Gr\xFC\xDF"
       "e",
       "Grüße", "windows-1252"},
      {"Stra\xDF"
       "e",
       "Straße", "windows-1252"},
  };
  for (const char* encoding : {"UTF-16LE", "UTF-16BE"}) {
    table.push_back({encode_text(german, encoding).value(), german, encoding});
    table.push_back({encode_text(japanese, encoding).value(), japanese, encoding});
    table.push_back({encode_text("会議は火曜日です。", encoding).value(), "会議は火曜日です。", encoding});
  }
  table.push_back({encode_text(german, "windows-1252").value(), german, "windows-1252"});
  table.push_back({encode_text(japanese, "windows-31j").value(), japanese, "Shift_JIS"});
  table.push_back({encode_text(japanese, "EUC-JP").value(), japanese, "EUC-JP"});
  table.push_back({encode_text(japanese, "ISO-2022-JP").value(), japanese, "ISO-2022-JP"});
  const std::string few = "Server log 2026-03-01: テスト error code 5\n";
  table.push_back({encode_text(few, "windows-31j").value(), few, "Shift_JIS"});
  table.push_back({encode_text(few, "EUC-JP").value(), few, "EUC-JP"});
  table.push_back({encode_text("障害 5\n", "ISO-2022-JP").value(), "障害 5\n", "ISO-2022-JP"});
  for (const Case& row : table) {
    const auto decoded = decode_text(row.bytes);
    ASSERT_TRUE(decoded) << row.encoding << ": " << decoded.error().text();
    EXPECT_EQ(decoded->text, row.text) << row.encoding;
    EXPECT_EQ(decoded->encoding, row.encoding) << row.text;
  }
}

TEST(Encoding, EveryShortWesternSentenceStaysWestern) {
  for (const std::string text :
       {"L'été à la plage, c'est déjà fini… dommage.", "He said “it’s fine” – twice.", "The price is £20 or €23.",
        "¿Cuándo llegará el señor Ibáñez mañana? ¡Qué alegría!", "Åsa åkte till Malmö för att hälsa på sin bror på lördag.",
        "Für die Prüfung am Dienstag wird der Schlüssel benötigt.", "Ä", "café"}) {
    const auto decoded = decode_text(encode_text(text, "windows-1252").value());
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(decoded->text, text) << decoded->encoding;
  }
}

TEST(Encoding, WhatADocumentDeclaresComesFirst) {
  const std::string page = "<html><head><META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=Shift_JIS'></head>東京";
  const std::string bytes = encode_text(page, "windows-31j").value();
  EXPECT_EQ(decode_text(bytes, declared_in_html(bytes)).value().text, page);
  EXPECT_EQ(declared_in_html("<meta charset=\"utf-8\">"), "utf-8");
  EXPECT_EQ(declared_in_html("<?xml version='1.0' encoding=\"EUC-JP\"?><html>"), "EUC-JP");
  EXPECT_EQ(declared_in_html("<p>charset=utf-8"), std::nullopt);
  EXPECT_EQ(declared_in_xml("<?xml version='1.0'?>"), std::nullopt);
  EXPECT_EQ(decode_text(german, "windows-1251x").value().text, german) << "an unknown label counts as none";
  EXPECT_EQ(decode_text(german, "utf-16").value().text, german) << "what can be read as ASCII is not UTF-16";
  EXPECT_EQ(decode_text("Gr\xFC\xDF", "utf-8").value().text, "Grüß") << "a declaration that is wrong counts as none";
  EXPECT_EQ(decode_text("\xA4\xE9", "ISO-8859-15").value().text, "€é");
  EXPECT_EQ(find_encoding(" \"Latin1\" "), "windows-1252");
  EXPECT_EQ(find_encoding("ISO-2022,locale=ja"), std::nullopt);
}

TEST(Encoding, SaysWhichByteFitsNothing) {
  const auto decoded = decode_text("ab\x81\x8D\x90 \x9D c");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Code::corrupt);
  EXPECT_THAT(decoded.error().text(), HasSubstr("byte 2 (0x81)"));
  EXPECT_EQ(decode_text("ab\0\1\2cd"s).error().code, Code::unsupported);
}

TEST(Encoding, AnyBytesAreTextOrAnError) {
  Random random(21);
  const std::vector<std::string> seeds{german, encode_text(japanese, "windows-31j").value(), encode_text(japanese, "ISO-2022-JP").value(),
                                       "\xFF\xFE" + encode_text(german, "UTF-16LE").value()};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = seeds[random.below(seeds.size())];
    for (std::uint64_t i = random.below(6); i > 0; --i) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    bytes.resize(random.below(bytes.size() + 1));
    const auto decoded = decode_text(bytes);
    if (decoded)
      EXPECT_FALSE(find_bad_utf8(decoded->text)) << round;
    else
      EXPECT_FALSE(decoded.error().message.empty());
  }
}

}  // namespace
}  // namespace flotte::work
