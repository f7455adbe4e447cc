// Headers and bodies of e-mails.
#include "work/document/mime.hpp"

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"
#include "work/text/encoding.hpp"
#include "work/text/lines.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr std::size_t most_headers = 2'000;
constexpr std::size_t longest_header = 64 * 1024;  // the rest of a longer one is left out
constexpr std::size_t longest_word = 4 * 1024;     // encoded; RFC 2047 wants 75

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Takes one line off, without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Characters outside the alphabet count as nothing, an unfinished end as lost.
std::string from_loose_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z')
      value = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      value = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      value = static_cast<unsigned>(c - '0') + 52;
    else if (c == '+' || c == '/')
      value = c == '+' ? 62 : 63;
    else if (c == '=')
      bits = 0, have = 0;  // the end of a piece; some programs join pieces
    if (value == 0 && c != 'A') continue;
    bits = (bits << 6) | value;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>((bits >> have) & 0xFF);
  }
  return out;
}

enum class Underscore { itself, space };

std::string from_quoted_printable(std::string_view text, Underscore underscore) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += underscore == Underscore::space && text[i] == '_' ? ' ' : text[i];
      continue;
    }
    if (const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt) {
      out += *byte;
      i += 2;
    } else if (const std::size_t end = text.find_first_not_of(" \t\r", i + 1); end == std::string_view::npos || text[end] == '\n') {
      i = end == std::string_view::npos ? text.size() : end;  // a line that goes on
    } else {
      out += '=';
    }
  }
  return out;
}

/// "=?charset?B?text?=" at the beginning of `text`.
struct EncodedWord {
  std::string_view charset;
  std::string bytes;
  std::size_t length = 0;
};
std::optional<EncodedWord> parse_encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  text = text.substr(0, longest_word);
  const std::size_t first = text.find('?', 2);
  if (first == std::string_view::npos || first + 2 >= text.size() || text[first + 2] != '?') return std::nullopt;
  const std::size_t end = text.find("?=", first + 3);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view content = text.substr(first + 3, end - first - 3);
  if (content.find('\n') != std::string_view::npos) return std::nullopt;
  EncodedWord word;
  word.charset = text.substr(2, first - 2);
  word.charset = word.charset.substr(0, word.charset.find('*'));  // a language (RFC 2231)
  word.length = end + 2;
  const char kind = text[first + 1];
  if (kind == 'B' || kind == 'b')
    word.bytes = from_loose_base64(content);
  else if (kind == 'Q' || kind == 'q')
    word.bytes = from_quoted_printable(content, Underscore::space);
  else
    return std::nullopt;
  return word;
}

/// One parameter's pieces: "name*0*", "name*1" (RFC 2231), or "name".
void add_parameter(MimeValue& out, std::map<std::string, std::string>& charsets, std::string name, std::string value) {
  const bool escaped = name.ends_with('*');
  if (escaped) name.pop_back();
  const std::size_t star = name.find('*');
  const bool first = star == std::string::npos || name.substr(star) == "*0";
  if (star != std::string::npos) name.erase(star);
  if (escaped && first) {
    const std::size_t quote = value.find('\'');
    const std::size_t second = quote == std::string::npos ? quote : value.find('\'', quote + 1);
    if (second != std::string::npos) {
      charsets[name] = value.substr(0, quote);
      value.erase(0, second + 1);
    }
  }
  if (escaped) {
    std::string bytes;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto byte = value[i] == '%' && i + 2 < value.size() ? from_hex(value.substr(i + 1, 2)) : std::nullopt;
      bytes += byte ? *byte : std::string(1, value[i]);
      if (byte) i += 2;
    }
    value = std::move(bytes);
  }
  out.parameters[name] += value;
}

}  // namespace

std::string_view MimeValue::parameter(std::string_view name) const {
  const auto it = parameters.find(name);
  return it == parameters.end() ? std::string_view() : std::string_view(it->second);
}

MimeValue parse_mime_value(std::string_view header) {
  MimeValue out;
  const std::size_t end = header.find(';');
  out.value = lower(trimmed(header.substr(0, end)));
  std::map<std::string, std::string> charsets;
  std::size_t at = end == std::string_view::npos ? header.size() : end + 1;
  while (at < header.size()) {
    const std::size_t equals = header.find_first_of("=;", at);
    if (equals == std::string_view::npos) break;
    const std::string name = lower(trimmed(header.substr(at, equals - at)));
    at = equals + 1;
    if (header[equals] == ';') continue;
    std::string value;
    at = std::min(header.find_first_not_of(" \t\r\n", at), header.size());
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value += header[at];
      }
      at = std::min(header.find(';', at), header.size());
    } else {
      const std::size_t stop = std::min(header.find(';', at), header.size());
      value = trimmed(header.substr(at, stop - at));
      at = stop;
    }
    ++at;
    add_parameter(out, charsets, name, std::move(value));
  }
  for (auto& [name, value] : out.parameters) {
    const auto it = charsets.find(name);
    value = it == charsets.end() ? decode_header(value) : decode_charset(value, it->second);
  }
  return out;
}

std::string_view MimePart::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

MimePart parse_part(std::string_view bytes) {
  MimePart part;
  while (!bytes.empty()) {
    const std::string_view whole = bytes;
    const std::string_view line = take_line(bytes);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (!part.headers.empty() && part.headers.back().second.size() < longest_header)
        part.headers.back().second += "\n" + std::string(line.substr(0, longest_header));
      continue;
    }
    const std::size_t colon = line.find(':');
    const bool name = colon != std::string_view::npos && colon > 0 && line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
    if (!name && line.starts_with("From ") && part.headers.empty()) continue;  // a mailbox's line
    if (!name || part.headers.size() == most_headers) {
      bytes = whole;  // no header: the body begins without an empty line
      break;
    }
    part.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1, longest_header)));
  }
  part.body = bytes;
  return part;
}

std::vector<std::string_view> split_parts(std::string_view body, std::string_view boundary) {
  std::vector<std::string_view> parts;
  if (boundary.empty()) return parts;
  const std::string mark = "--" + std::string(boundary);
  std::optional<std::size_t> begin;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    const std::string_view line = body.substr(at, end - at);
    if (line.starts_with(mark)) {
      const std::string_view rest = trimmed(line.substr(mark.size()));
      if (rest.empty() || rest == "--") {
        if (begin) parts.push_back(body.substr(*begin, at - *begin));
        begin.reset();
        if (rest == "--") return parts;
        begin = std::min(end + 1, body.size());
      }
    }
    at = end + 1;
  }
  if (begin) parts.push_back(body.substr(*begin));  // cut off
  return parts;
}

std::string decode_transfer(std::string_view body, std::string_view encoding) {
  const std::string name = lower(trimmed(encoding));
  if (name == "base64") return from_loose_base64(body);
  if (name == "quoted-printable") return from_quoted_printable(body, Underscore::itself);
  return std::string(body);
}

std::string decode_charset(std::string_view bytes, std::string_view charset) {
  auto decoded = decode_text(bytes, charset.empty() ? std::nullopt : std::optional<std::string>(charset));
  if (decoded) return std::move(decoded->text);
  Utf8Mender mender;
  std::string out = mender.feed(bytes);
  out += mender.finish();
  std::erase(out, '\0');
  return out;
}

std::string decode_header(std::string_view value) {
  std::string out;
  // Words of one charset are put together before they are read: a character may be cut in two.
  std::string held, held_charset;
  const auto release = [&] {
    if (!held.empty()) out += decode_charset(held, held_charset);
    held.clear();
  };
  std::size_t plain = 0;
  bool after_word = false;
  for (std::size_t at = value.find("=?"); at != std::string_view::npos;) {
    auto word = parse_encoded_word(value.substr(at));
    if (!word) {
      at = value.find("=?", at + 2);
      continue;
    }
    const std::string_view between = value.substr(plain, at - plain);
    const bool joined = after_word && trimmed(between).empty();
    if (!joined) {
      release();
      out += decode_charset(between, "");
    }
    if (lower(word->charset) != held_charset) release();
    held_charset = lower(word->charset);
    held += word->bytes;
    plain = at + word->length;
    after_word = true;
    at = value.find("=?", plain);
  }
  release();
  if (plain < value.size()) out += decode_charset(value.substr(plain), "");
  return on_one_line(out);
}

}  // namespace flotte::work
