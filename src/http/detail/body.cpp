// Bodies: by length, chunked, until the end of the connection.
#include "http/detail/body.hpp"

#include <charconv>
#include <cstring>

namespace flotte::http::detail {
namespace {
constexpr std::size_t longest_size_line = 256;  // with its extensions, which are dropped
constexpr std::size_t longest_trailer = 8 * 1024;

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

void BodyReader::reset(Framing framing) noexcept {
  framing_ = framing;
  left_ = framing.length;
  trailer_bytes_ = 0;
  switch (framing.kind) {
    case Framing::Kind::none: state_ = State::ended; break;
    case Framing::Kind::chunked: state_ = State::size_line; break;
    default: state_ = State::data; break;
  }
}

BodyReader::Piece BodyReader::next(Buffer& in) {
  if (state_ == State::ended) return {Piece::Kind::ended, {}};
  if (framing_.kind == Framing::Kind::chunked) return next_chunked(in);
  if (in.empty()) return {Piece::Kind::need_more, {}};
  std::string_view bytes = in.view();
  if (framing_.kind == Framing::Kind::length) {
    if (bytes.size() > left_) bytes = bytes.substr(0, left_);
    left_ -= bytes.size();
    if (left_ == 0) state_ = State::ended;
  }
  return {Piece::Kind::data, bytes, bytes.size()};
}

BodyReader::Piece BodyReader::next_chunked(Buffer& in) {
  char* const base = in.data();
  const std::string_view all = in.view();
  std::size_t used = 0, start = 0, filled = 0;
  bool broken = false;
  while (state_ != State::ended && used < all.size()) {
    if (state_ == State::data) {
      const std::size_t part = std::min<std::uint64_t>(left_, all.size() - used);
      if (filled == 0) start = used;
      // A later chunk moves down over the framing between; what the socket fills next lies behind all of it.
      if (start + filled != used) std::memmove(base + start + filled, base + used, part);
      filled += part;
      used += part;
      left_ -= part;
      if (left_ == 0) state_ = State::after_data;
      continue;
    }
    const std::ptrdiff_t taken = step(all.substr(used));
    if (taken <= 0) {
      broken = taken < 0;
      break;
    }
    used += static_cast<std::size_t>(taken);
  }
  if (filled > 0) return {Piece::Kind::data, {base + start, filled}, used};  // what is broken behind it shows next time
  if (broken) return {Piece::Kind::broken, {}};
  in.consume(used);
  return {state_ == State::ended ? Piece::Kind::ended : Piece::Kind::need_more, {}};
}

std::ptrdiff_t BodyReader::step(std::string_view from) {
  if (state_ == State::after_data) {
    if (from[0] != '\r' || (from.size() > 1 && from[1] != '\n')) return -1;
    if (from.size() < 2) return 0;
    state_ = State::size_line;
    return 2;
  }
  const std::size_t limit = state_ == State::size_line ? longest_size_line : longest_trailer - trailer_bytes_;
  const void* found = std::memchr(from.data(), '\n', std::min(from.size(), limit));
  if (!found) return from.size() >= limit ? -1 : 0;
  const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - from.data());
  if (end == 0 || from[end - 1] != '\r') return -1;
  const std::string_view line = from.substr(0, end - 1);
  const auto taken = static_cast<std::ptrdiff_t>(end + 1);
  if (state_ == State::trailer) {
    trailer_bytes_ += end + 1;
    if (line.empty()) state_ = State::ended;
    return taken;
  }
  std::size_t digits = 0;
  left_ = 0;
  while (digits < line.size() && hex_value(line[digits]) >= 0) left_ = left_ * 16 + static_cast<std::uint64_t>(hex_value(line[digits++]));
  const std::size_t behind = std::min(line.find_first_not_of(" \t", digits), line.size());
  const bool extension = behind < line.size() && line[behind] == ';';
  if (digits == 0 || digits > 15 || (behind < line.size() && !extension) || line.find('\r') != std::string_view::npos) return -1;
  state_ = left_ == 0 ? State::trailer : State::data;
  return taken;
}

std::string_view chunk_prefix(std::size_t size, std::span<char, 20> into) {
  char* end = std::to_chars(into.data(), into.data() + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {into.data(), static_cast<std::size_t>(end - into.data())};
}

}  // namespace flotte::http::detail
