// Parsing of heads.
#include "http/detail/head.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace flotte::http::detail {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = table[static_cast<std::size_t>(c - 32)] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> token_table = make_token_table();

bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!token_table[static_cast<unsigned char>(c)]) return false;
  return !text.empty();
}
/// Field values: visible ASCII, space, tab and bytes over 127.
bool is_value(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}
bool is_target(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return false;
  }
  return !text.empty();
}
std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
std::optional<std::uint64_t> parse_length(std::string_view text) noexcept {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t n = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return n;
}
/// Calls `with` for each element of a comma-separated list.
template <class F>
void each_element(std::string_view list, F with) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (const std::string_view element = trim(list.substr(0, comma)); !element.empty()) with(element);
    list.remove_prefix(std::min(list.size(), comma + 1));
  }
}

constexpr std::size_t usual_fields = 16;

/// What several fields say together about the message; both directions need it.
struct Collected {
  int hosts = 0, lengths = 0, codings = 0;
  std::optional<std::uint64_t> length;
  bool chunked = false, close = false, keep_alive = false, upgrade = false, expects = false, expects_continue = false;
};

std::optional<BadHead> collect(Collected& c, std::string_view name, std::string_view value) {
  // The length of the name decides first, because this runs for every field.
  switch (name.size()) {
    case 4: c.hosts += same_name(name, "host"); break;
    case 6:
      if (same_name(name, "expect")) {
        c.expects = true;
        c.expects_continue = same_name(value, "100-continue");
      }
      break;
    case 10:
      if (same_name(name, "connection"))
        each_element(value, [&c](std::string_view e) {
          c.close = c.close || same_name(e, "close");
          c.keep_alive = c.keep_alive || same_name(e, "keep-alive");
          c.upgrade = c.upgrade || same_name(e, "upgrade");
        });
      break;
    case 14:
      if (same_name(name, "content-length")) {
        const auto length = parse_length(value);
        if (!length) return BadHead{400, "Content-Length is not a number"};
        if (++c.lengths > 1) return BadHead{400, "more than one Content-Length"};
        c.length = length;
      }
      break;
    case 17:
      if (same_name(name, "transfer-encoding")) {
        if (++c.codings > 1) return BadHead{400, "more than one Transfer-Encoding"};
        if (!same_name(value, "chunked")) return BadHead{501, "only the transfer coding \"chunked\" is known here"};
        c.chunked = true;
      }
      break;
    default: break;
  }
  return std::nullopt;
}

/// Takes the next line, without its end, off `rest`, whose lines all end with CR LF.
std::string_view take_line(std::string_view& rest) noexcept {
  const auto* end = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
  const auto size = static_cast<std::size_t>(end - rest.data());
  const std::string_view line = rest.substr(0, size - 1);
  rest.remove_prefix(size + 1);
  return line;
}

std::expected<Collected, BadHead> parse_fields(std::string_view rest, Headers& into) {
  Collected c;
  into.clear();
  into.reserve(rest.size(), usual_fields);
  for (;;) {
    const std::string_view line = take_line(rest);
    if (line.empty()) return c;
    if (line.front() == ' ' || line.front() == '\t') return std::unexpected(BadHead{400, "a folded header line"});
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::unexpected(BadHead{400, "a header line without a colon"});
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (!is_token(name)) return std::unexpected(BadHead{400, "a header name with a character that is not allowed"});
    if (!is_value(value)) return std::unexpected(BadHead{400, "a header value with a control character"});
    if (into.size() >= most_fields) return std::unexpected(BadHead{431, "too many header fields"});
    if (auto bad = collect(c, name, value)) return std::unexpected(*bad);
    into.add_checked(name, value);
  }
}

/// "http://host/path" (which a client of a proxy sends) becomes "/path".
void make_origin_form(RequestHead& head) {
  if (head.target.front() == '/') return;
  const std::size_t authority = head.target.find("://");
  if (authority == std::string::npos) return;
  const std::size_t path = std::min(head.target.find_first_of("/?", authority + 3), head.target.size());
  head.headers.set("Host", std::string_view(head.target).substr(authority + 3, path - authority - 3));
  head.target.erase(0, path);
  if (head.target.empty() || head.target.front() != '/') head.target.insert(0, "/");
}

}  // namespace

HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned) noexcept {
  for (;;) {
    const void* found = scanned < bytes.size() ? std::memchr(bytes.data() + scanned, '\n', bytes.size() - scanned) : nullptr;
    if (!found) {
      scanned = bytes.size();
      return {};
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (at == 0 || bytes[at - 1] != '\r') return {HeadEnd::Kind::bare_line_feed};
    if (at == 1 || bytes[at - 2] == '\n') return {HeadEnd::Kind::complete, at + 1};
    scanned = at + 1;
  }
}

std::expected<HeadFacts, BadHead> parse_request(std::string_view head, RequestHead& into) {
  const std::string_view line = take_line(head);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return std::unexpected(BadHead{400, "the first line is not METHOD TARGET HTTP/1.1"});
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, last - first - 1), version = line.substr(last + 1);
  if (!is_token(method) || !is_target(target)) return std::unexpected(BadHead{400, "the first line has a character that is not allowed"});
  HeadFacts facts;
  facts.http_1_0 = version == "HTTP/1.0";
  if (version != "HTTP/1.1" && !facts.http_1_0) {
    const bool other = version.starts_with("HTTP/") && version.size() == 8;
    return std::unexpected(other ? BadHead{505, "only HTTP/1.1 is spoken here"}
                                 : BadHead{400, "the first line does not end with HTTP/1.1"});
  }
  into.method = method;
  into.target = target;
  auto fields = parse_fields(head, into.headers);
  if (!fields) return std::unexpected(fields.error());
  const Collected& c = *fields;
  if (c.hosts > 1 || (c.hosts == 0 && !facts.http_1_0)) return std::unexpected(BadHead{400, "exactly one Host is needed"});
  if (c.chunked && c.length) return std::unexpected(BadHead{400, "both Content-Length and Transfer-Encoding"});
  if (c.chunked && facts.http_1_0) return std::unexpected(BadHead{400, "Transfer-Encoding in HTTP/1.0"});
  if (c.expects && !c.expects_continue) return std::unexpected(BadHead{417, "only the expectation 100-continue is known here"});
  if (method == "CONNECT") return std::unexpected(BadHead{501, "CONNECT is not done here"});
  make_origin_form(into);  // may add a Host
  if (into.headers.size() > most_fields) return std::unexpected(BadHead{431, "too many header fields"});
  if (into.target.front() != '/' && into.target != "*") return std::unexpected(BadHead{400, "the target must begin with a slash"});
  facts.expect_continue = c.expects_continue && !facts.http_1_0;
  facts.upgrade = c.upgrade;
  facts.keep_alive = !c.close && (!facts.http_1_0 || c.keep_alive);
  if (c.chunked) facts.framing.kind = Framing::Kind::chunked;
  if (c.length && *c.length > 0) facts.framing = {Framing::Kind::length, *c.length};
  return facts;
}

std::expected<HeadFacts, BadHead> parse_response(std::string_view head, std::string_view method, ResponseHead& into) {
  const std::string_view line = take_line(head);
  HeadFacts facts;
  facts.http_1_0 = line.starts_with("HTTP/1.0 ");
  if ((!line.starts_with("HTTP/1.1 ") && !facts.http_1_0) || line.size() < 12 || (line.size() > 12 && line[12] != ' '))
    return std::unexpected(BadHead{400, "the answer does not begin with HTTP/1.1 and a status"});
  int status = 0;
  for (const char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') return std::unexpected(BadHead{400, "the status is not a number"});
    status = status * 10 + (c - '0');
  }
  if (status < 100 || !is_value(line)) return std::unexpected(BadHead{400, "the status line is broken"});
  into.status = status;
  auto fields = parse_fields(head, into.headers);
  if (!fields) return std::unexpected(fields.error());
  const Collected& c = *fields;
  if (c.chunked && c.length) return std::unexpected(BadHead{400, "both Content-Length and Transfer-Encoding"});
  facts.upgrade = c.upgrade;
  facts.keep_alive = !c.close && (!facts.http_1_0 || c.keep_alive);
  if (method == "HEAD" || status < 200 || status == 204 || status == 304) return facts;
  if (c.chunked) {
    facts.framing.kind = Framing::Kind::chunked;
  } else if (c.length) {
    facts.framing = {*c.length ? Framing::Kind::length : Framing::Kind::none, *c.length};
  } else {
    facts.framing.kind = Framing::Kind::until_close;
    facts.keep_alive = false;
  }
  return facts;
}

void write_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ", 2).append(value).append("\r\n", 2);
}

void write_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
}

void write_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  write_number(out, static_cast<std::uint64_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace flotte::http::detail
