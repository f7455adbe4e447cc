// Recognising encodings.
#include "work/text/encoding.hpp"

#include <fmt/format.h>
#include <unicode/ucsdet.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "work/text/characters.hpp"
#include "work/text/converter.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::size_t detected_bytes = 256 * 1024;  // of the beginning are shown to the detector

std::string_view shown_name(std::string_view encoding) { return encoding == "windows-31j" ? "Shift_JIS" : encoding; }

std::optional<Decoded> decode_as(std::string_view bytes, const std::string& encoding) {
  auto text = decode_bytes(bytes, encoding);
  if (!text) return std::nullopt;
  if (text->starts_with(utf8_mark)) text->erase(0, utf8_mark.size());
  return Decoded{std::move(*text), std::string(shown_name(encoding))};
}

/// Japanese text has kana; by chance they hardly ever come out of another encoding's bytes.
std::optional<Decoded> decode_japanese(std::string_view bytes) {
  for (const char* encoding : {"windows-31j", "EUC-JP"}) {
    auto decoded = decode_as(bytes, encoding);
    if (!decoded) continue;
    const Characters seen = count_characters(decoded->text);
    if (seen.kana > 0 && seen.strange == 0 && seen.japanese() * 10 >= seen.beyond_ascii * 9) return decoded;
  }
  return std::nullopt;
}

struct Guess {
  std::string encoding;
  int confidence = 0;  // 0..100
};

/// What ICU holds possible, the best first.
std::vector<Guess> detect(std::string_view bytes) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)> detector(ucsdet_open(&error), &ucsdet_close);
  if (U_FAILURE(error)) return {};
  const std::string_view shown = bytes.substr(0, detected_bytes);
  ucsdet_setText(detector.get(), shown.data(), static_cast<std::int32_t>(shown.size()), &error);
  std::int32_t count = 0;
  const UCharsetMatch** matches = ucsdet_detectAll(detector.get(), &count, &error);
  std::vector<Guess> guesses;
  for (std::int32_t i = 0; U_SUCCESS(error) && i < count; ++i) {
    const char* name = ucsdet_getName(matches[i], &error);
    const int confidence = ucsdet_getConfidence(matches[i], &error);
    if (auto encoding = U_SUCCESS(error) ? find_encoding(name) : std::nullopt) guesses.push_back({std::move(*encoding), confidence});
  }
  return guesses;
}

bool of_many_bytes(const std::string& encoding) {
  static constexpr std::array<std::string_view, 5> names{"windows-31j", "EUC-JP", "gb18030", "windows-949", "Big5"};
  return std::find(names.begin(), names.end(), encoding) != names.end();
}

/// One byte a character: the detector compares letter frequencies, which a few words do not have, so windows-1252 needs less.
std::optional<Decoded> decode_detected(std::string_view bytes) {
  constexpr int sure = 25, sure_of_many = 40;
  for (const Guess& guess : detect(bytes)) {
    if (guess.encoding.starts_with("UTF-") || guess.encoding.starts_with("ISO-2022")) continue;
    if (guess.confidence < (of_many_bytes(guess.encoding) ? sure_of_many : sure)) continue;
    auto decoded = decode_as(bytes, guess.encoding);
    if (decoded && count_characters(decoded->text).strange == 0) return decoded;
  }
  // A stray control character or two do not make a letter unreadable.
  auto western = decode_as(bytes, "windows-1252");
  if (!western) return std::nullopt;
  const Characters seen = count_characters(western->text);
  if (seen.strange * 500 > seen.all) return std::nullopt;
  return western;
}

}  // namespace

std::optional<Decoded> decode_utf16(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return decode_as(bytes.substr(2), "UTF-16LE");
  if (bytes.starts_with("\xFE\xFF")) return decode_as(bytes.substr(2), "UTF-16BE");
  if (bytes.size() < 4 || bytes.size() % 2 != 0) return std::nullopt;
  // Without a mark: in the right byte order many characters are ASCII or kana. The wrong order makes rare ideographs of them, and so do
  // other encodings' bytes.
  std::optional<Decoded> best;
  std::size_t most = 0;
  for (const char* encoding : {"UTF-16LE", "UTF-16BE"}) {
    auto decoded = decode_as(bytes, encoding);
    if (!decoded) continue;
    const Characters seen = count_characters(decoded->text);
    const std::size_t anchors = seen.ascii + seen.kana;
    if (seen.strange > 0 || anchors * 6 < seen.all || anchors <= most) continue;
    most = anchors;
    best = std::move(decoded);
  }
  return best;
}

Result<Decoded> decode_text(std::string_view bytes, const std::optional<std::string>& declared) {
  const bool marked = bytes.starts_with(utf8_mark);
  const std::string_view text = marked ? bytes.substr(utf8_mark.size()) : bytes;
  const auto bad = find_bad_utf8(text);
  const bool zeros = text.find('\0') != std::string_view::npos;
  if (marked && !bad && !zeros) return Decoded{std::string(text), "UTF-8"};
  if (zeros || bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    if (auto decoded = decode_utf16(bytes)) return std::move(*decoded);
    if (zeros) return fail(Code::unsupported, "not a text document: binary data");
  }
  if (const auto encoding = declared ? find_encoding(*declared) : std::nullopt)
    // Who can read "utf-16" in ASCII letters is not reading UTF-16.
    if (!encoding->starts_with("UTF-16") && (*encoding != "UTF-8" || !bad))
      if (auto decoded = decode_as(bytes, *encoding)) return std::move(*decoded);
  if (bytes.find("\x1B$") != std::string_view::npos)
    if (auto decoded = decode_as(bytes, "ISO-2022-JP"); decoded && count_characters(decoded->text).japanese() > 0)
      return std::move(*decoded);
  if (!bad) return Decoded{std::string(text), "UTF-8"};
  if (auto decoded = decode_utf16(bytes)) return std::move(*decoded);  // Japanese has no zero bytes
  if (auto decoded = decode_japanese(bytes)) return std::move(*decoded);
  if (auto decoded = decode_detected(bytes)) return std::move(*decoded);
  return fail(Code::corrupt,
              fmt::format("byte {} (0x{:02X}) is not UTF-8, and no other encoding fits the whole text", *bad + (bytes.size() - text.size()),
                          static_cast<unsigned char>(text[*bad])),
              "store a copy as UTF-8 with the program that wrote it");
}

}  // namespace flotte::work
