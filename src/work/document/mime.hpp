// The parts of an e-mail (RFC 5322, 2045 to 2047, 2231): headers, encoded words, parameters, transfer encodings. Lenient, as mail
// programs are; nothing fails. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flotte::work {

/// "text/html; charset=..." and its like.
struct MimeValue {
  std::string value;  // lower case
  std::map<std::string, std::string, std::less<>> parameters;
  /// Empty where there is none.
  std::string_view parameter(std::string_view name) const;
};
MimeValue parse_mime_value(std::string_view header);

struct MimePart {
  /// Lower-case name and unfolded value, in their order.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;  // into the bytes that were parsed
  /// The first of that name, raw; empty where there is none.
  std::string_view header(std::string_view name) const;
};
/// Headers up to an empty line, then the body.
MimePart parse_part(std::string_view bytes);

/// The pieces between the lines of a boundary; the one before the first and behind the last are left out.
std::vector<std::string_view> split_parts(std::string_view body, std::string_view boundary);

/// Of a Content-Transfer-Encoding: base64 and quoted-printable; everything else is taken as it is.
std::string decode_transfer(std::string_view body, std::string_view encoding);

/// "=?ISO-8859-1?Q?Gr=FC=DFe?=" and raw bytes as UTF-8.
std::string decode_header(std::string_view value);

/// Bytes of a charset as UTF-8: as encoding.hpp reads them; what fits nothing keeps U+FFFD in its place.
std::string decode_charset(std::string_view bytes, std::string_view charset);

}  // namespace flotte::work
