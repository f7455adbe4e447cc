// Heads, their fields, and percent-encoding.
#include "http/message.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace flotte::http {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// A usual head fits, so that building one takes two allocations.
constexpr std::size_t usual_bytes = 512, usual_fields = 16;

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    const Field f = field(i);
    if (f.first.size() == name.size() && same_name(f.first, name)) return f.second;
  }
  return std::nullopt;
}

Headers::Span Headers::store(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(text_.size());
  text_.append(name);  // libstdc++ allows a piece of the string itself here
  const auto middle = static_cast<std::uint32_t>(text_.size());
  text_.append(value);
  char* const begun = text_.data() + at;
  const std::size_t size = text_.size() - at;
  // Hardly ever there: three quick looks instead of one slow one.
  for (const char harmful : {'\r', '\n', '\0'})
    if (std::memchr(begun, harmful, size)) std::replace(begun, begun + size, harmful, ' ');
  return {at, middle - at, middle, static_cast<std::uint32_t>(text_.size()) - middle};
}

void Headers::add(std::string_view name, std::string_view value) {
  if (spans_.empty()) reserve(usual_bytes, usual_fields);
  spans_.push_back(store(name, value));
}

void Headers::add_checked(std::string_view name, std::string_view value) {
  if (spans_.empty()) reserve(usual_bytes, usual_fields);
  const auto at = static_cast<std::uint32_t>(text_.size());
  const auto name_size = static_cast<std::uint32_t>(name.size());
  text_.append(name).append(value);
  spans_.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
}

void Headers::reserve(std::size_t bytes, std::size_t fields) {
  if (text_.capacity() < bytes) text_.reserve(bytes);
  if (spans_.capacity() < fields) spans_.reserve(fields);
}

void Headers::set(std::string_view name, std::string_view value) {
  // The copies are for views into this very block: it may move.
  const std::string n(name), v(value);
  const auto same = [this, &n](const Span& s) { return same_name({text_.data() + s.name, s.name_size}, n); };
  const auto first = std::find_if(spans_.begin(), spans_.end(), same);
  if (first == spans_.end()) return add(n, v);
  spans_.erase(std::remove_if(first + 1, spans_.end(), same), spans_.end());
  *first = store(n, v);
}

void Headers::remove(std::string_view name) {
  std::erase_if(spans_, [this, name](const Span& s) { return same_name({text_.data() + s.name, s.name_size}, name); });
}

void Headers::clear() noexcept {
  text_.clear();
  spans_.clear();
}

std::string_view RequestHead::path() const {
  const std::string_view all(target);
  return all.substr(0, all.find('?'));
}

std::optional<std::string> RequestHead::query(std::string_view name) const {
  std::string_view rest(target);
  const std::size_t mark = rest.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto key = percent_decode(pair.substr(0, equals));
    if (key && *key == name) return percent_decode(pair.substr(std::min(pair.size(), equals + 1)));
  }
  return std::nullopt;
}

Response Response::json(int status, std::string body) {
  Response r;
  r.head.status = status;
  r.head.headers.add("Content-Type", "application/json");
  r.body = std::move(body);
  return r;
}

Response Response::text(int status, std::string body) {
  Response r;
  r.head.status = status;
  r.head.headers.add("Content-Type", "text/plain; charset=utf-8");
  r.body = std::move(body);
  return r;
}

std::string_view reason_phrase(int status) {
  struct Phrase {
    int status;
    std::string_view words;
  };
  static constexpr std::array<Phrase, 43> phrases{{
      {100, "Continue"},
      {101, "Switching Protocols"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {205, "Reset Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {402, "Payment Required"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {424, "Failed Dependency"},
      {425, "Too Early"},
      {426, "Upgrade Required"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {508, "Loop Detected"},
  }};
  for (const Phrase& p : phrases)
    if (p.status == status) return p.words;
  return "";
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

bool hop_by_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 6> names{"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"};
  for (const std::string_view n : names)
    if (n.size() == name.size() && same_name(n, name)) return true;
  return name.size() > 6 && (name.front() == 'p' || name.front() == 'P') && same_name(name.substr(0, 6), "proxy-");
}

}  // namespace flotte::http
