// ICU's converters.
#include "work/text/converter.hpp"

#include <unicode/ucnv.h>
#include <unicode/udata.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

namespace flotte::work {
namespace {

struct Label {
  std::string_view label;
  const char* encoding;
};
/// Where the Encoding Standard means another converter than ICU's table of names; the rest is ICU's.
constexpr std::array labels{
    Label{"ascii", "windows-1252"},
    Label{"us-ascii", "windows-1252"},
    Label{"ansi_x3.4-1968", "windows-1252"},
    Label{"latin1", "windows-1252"},
    Label{"iso-8859-1", "windows-1252"},
    Label{"iso8859-1", "windows-1252"},
    Label{"iso_8859-1", "windows-1252"},
    Label{"l1", "windows-1252"},
    Label{"cp1252", "windows-1252"},
    Label{"x-cp1252", "windows-1252"},
    Label{"iso-8859-9", "windows-1254"},
    Label{"latin5", "windows-1254"},
    Label{"shift_jis", "windows-31j"},
    Label{"shift-jis", "windows-31j"},
    Label{"sjis", "windows-31j"},
    Label{"x-sjis", "windows-31j"},
    Label{"ms_kanji", "windows-31j"},
    Label{"cp932", "windows-31j"},
    Label{"ms932", "windows-31j"},
    Label{"x-euc-jp", "EUC-JP"},
    Label{"gb2312", "gb18030"},
    Label{"gb_2312-80", "gb18030"},
    Label{"gbk", "gb18030"},
    Label{"x-gbk", "gb18030"},
    Label{"cp936", "gb18030"},
    Label{"euc-kr", "windows-949"},
    Label{"ks_c_5601-1987", "windows-949"},
    Label{"big5-hkscs", "Big5"},
    Label{"x-mac-roman", "macintosh"},
    Label{"mac", "macintosh"},
    Label{"utf8", "UTF-8"},
    Label{"unicode-1-1-utf-8", "UTF-8"},
    Label{"utf-16", "UTF-16LE"},
    Label{"unicode", "UTF-16LE"},
    Label{"iso-8859-15", "ISO-8859-15"},
    Label{"latin-1", "windows-1252"},
};

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

Converter open(const char* name) {
  static std::once_flag once;
  std::call_once(once, [] {
    UErrorCode ignored = U_ZERO_ERROR;
    udata_setFileAccess(UDATA_NO_FILES, &ignored);
  });
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &error), &ucnv_close);
  if (U_FAILURE(error)) converter.reset();
  return converter;
}

void stop_at_errors(UConverter& converter) {
  UErrorCode ignored = U_ZERO_ERROR;
  ucnv_setToUCallBack(&converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &ignored);
  ucnv_setFromUCallBack(&converter, UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &ignored);
  ucnv_setFallback(&converter, false);
}

std::optional<std::string> convert(std::string_view bytes, const char* from_name, const char* to_name) {
  const Converter from = open(from_name), to = open(to_name);
  if (!from || !to) return std::nullopt;
  stop_at_errors(*from);
  stop_at_errors(*to);
  std::string out;
  out.reserve(bytes.size());
  std::array<char, 16 * 1024> piece;
  std::array<UChar, 4 * 1024> pivot;
  UChar *pivot_source = pivot.data(), *pivot_target = pivot.data();
  const char* source = bytes.data();
  const char* const end = bytes.data() + bytes.size();
  for (bool first = true;; first = false) {
    char* target = piece.data();
    UErrorCode error = U_ZERO_ERROR;
    ucnv_convertEx(to.get(), from.get(), &target, piece.data() + piece.size(), &source, end, pivot.data(), &pivot_source, &pivot_target,
                   pivot.data() + pivot.size(), first, true, &error);
    out.append(piece.data(), target);
    if (U_SUCCESS(error)) return out;
    if (error != U_BUFFER_OVERFLOW_ERROR) return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> find_encoding(std::string_view label) {
  std::string name;
  for (const char c : label.substr(0, 64)) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == '\'') continue;
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  for (const Label& l : labels)
    if (l.label == name) return l.encoding;
  // Options of ICU's names ("ISO-2022,locale=ja") are nobody's label.
  if (name.empty() || name.size() > 40 || name.find_first_of(",=/\\") != std::string::npos || name.starts_with("utf-7"))
    return std::nullopt;
  const Converter converter = open(name.c_str());
  if (!converter) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  const char* mime = ucnv_getStandardName(name.c_str(), "MIME", &error);
  return mime && U_SUCCESS(error) ? std::string(mime) : name;
}

std::optional<std::string> decode_bytes(std::string_view bytes, const std::string& encoding) {
  return convert(bytes, encoding.c_str(), "UTF-8");
}

std::optional<std::string> encode_text(std::string_view text, const std::string& encoding) {
  return convert(text, "UTF-8", encoding.c_str());
}

}  // namespace flotte::work
