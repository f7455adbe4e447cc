// What is repaired, and above all what is left alone.
#include "work/text/mojibake.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "work/text/converter.hpp"

#include <filesystem>

namespace flotte::work {
namespace {

std::string garble(const std::string& text, const char* encoding) { return decode_bytes(text, encoding).value(); }

TEST(Mojibake, IsUndone) {
  EXPECT_EQ(repair_mojibake("fÃ¼r").value().text, "für");
  EXPECT_EQ(repair_mojibake("f√ºr").value().text, "für");
  EXPECT_EQ(repair_mojibake("itâ€™s").value().text, "it’s");
  for (const char* encoding : {"windows-1252", "ISO-8859-1", "macintosh"})
    for (const std::string text : {"Grüße aus München – schönes Wochenende!", "日本語の文書です。会議は火曜日です。", "Привет, как дела?",
                                   "L’été à la plage… 20 €", "Größe 5 µm, 20 °C"}) {
      const auto repaired = repair_mojibake(garble(text, encoding));
      ASSERT_TRUE(repaired) << encoding << ": " << garble(text, encoding);
      EXPECT_EQ(repaired->text, text);
    }
}

TEST(Mojibake, OfTwoLayersIsUndoneAsWell) {
  const auto repaired = repair_mojibake(garble(garble("Grüße für München", "windows-1252"), "windows-1252"));
  ASSERT_TRUE(repaired);
  EXPECT_EQ(repaired->text, "Grüße für München");
  EXPECT_EQ(repaired->mistaken_for, "windows-1252");
}

TEST(Mojibake, WhatSomebodyMeantIsLeftAlone) {
  for (const char* text : {"plain",
                           "",
                           "Grüße aus München",
                           "日本語",
                           "AMANHÃ…",
                           "IRMÃ – IRMÃ”",
                           "CAFÉ…",
                           "“À la carte” – 20 €",
                           "„ÖÄÜ“",
                           "ß“",
                           "— É",
                           "–Ä",
                           "5 £ ¬ 3 ±",
                           "√2 ≈ 1,41",
                           "∞ √∞",
                           "für, and once it was fÃ¼r",
                           "Š…",
                           "Â",
                           "Ã",
                           "São Tomé e Príncipe",
                           "NÃO É",
                           "ÀÉÎÕÜ àéîõü",
                           "Ελληνικά",
                           "Привет",
                           "naïve façade",
                           "¿Qué?",
                           "©®™",
                           "Äpfel‚Öl",
                           "x ¬ y",
                           "Œuvre",
                           "—Über"})
    EXPECT_FALSE(repair_mojibake(text)) << text << " -> " << repair_mojibake(text)->text;
}

TEST(Mojibake, NoSampleIsTouchedAndEverySampleComesBack) {
  int count = 0;
  const auto samples = std::filesystem::path(__FILE__).parent_path() / "../../../samples";
  for (const auto& file : std::filesystem::recursive_directory_iterator(samples)) {
    const auto extension = file.path().extension();
    if (extension != ".txt" && extension != ".md") continue;
    const std::string text = read_file(file.path().string()).value();
    EXPECT_FALSE(repair_mojibake(text)) << file.path();
    const std::string wrong = garble(text, "windows-1252");
    if (wrong == text) continue;  // ASCII
    const auto repaired = repair_mojibake(wrong);
    ASSERT_TRUE(repaired) << file.path();
    EXPECT_EQ(repaired->text, text) << file.path();
    ++count;
  }
  EXPECT_GT(count, 8);
}

}  // namespace
}  // namespace flotte::work
