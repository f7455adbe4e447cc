// WebSocket framing.
#include "http/detail/frame.hpp"

#include <openssl/evp.h>

#include "base/encoding.hpp"

namespace flotte::http::detail {
namespace {

constexpr std::uint16_t protocol_error = 1002, unsupported_data = 1003, no_status = 1005, bad_text = 1007, too_big = 1009;

void apply_mask(char* bytes, std::size_t size, const std::array<char, 4>& mask) noexcept {
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[i & 3]);
}

std::uint64_t big_endian(std::string_view bytes) noexcept {
  std::uint64_t n = 0;
  for (const char c : bytes) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

bool may_be_sent(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

FrameReader::Item broken(std::uint16_t code) { return {FrameReader::Item::Kind::broken, {}, code}; }

}  // namespace

void write_frame(std::string& out, Opcode opcode, std::string_view payload, Side side, std::array<char, 4> mask) {
  const char masked = side == Side::client ? static_cast<char>(0x80) : 0;
  out += static_cast<char>(0x80 | static_cast<char>(opcode));
  const auto number = [&out](std::uint64_t n, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift);
  };
  if (payload.size() < 126) {
    out += static_cast<char>(masked | static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    out += static_cast<char>(masked | 126);
    number(payload.size(), 2);
  } else {
    out += static_cast<char>(masked | 127);
    number(payload.size(), 8);
  }
  if (masked) out.append(mask.data(), mask.size());
  const std::size_t at = out.size();
  out.append(payload);
  if (masked) apply_mask(out.data() + at, payload.size(), mask);
}

FrameReader::Parsed FrameReader::parse_header(std::string_view bytes, Header& header) const {
  if (bytes.size() < 2) return Parsed::need_more;
  const auto first = static_cast<unsigned char>(bytes[0]), second = static_cast<unsigned char>(bytes[1]);
  header.final = (first & 0x80) != 0;
  header.opcode = static_cast<Opcode>(first & 0x0f);
  const bool masked = (second & 0x80) != 0;
  if ((first & 0x70) != 0 || masked != (side_ == Side::server)) return Parsed::broken;
  const std::size_t small = second & 0x7f;
  const std::size_t extra = small == 127 ? 8 : small == 126 ? 2 : 0;
  header.size = 2 + extra + (masked ? 4 : 0);
  if (bytes.size() < header.size) return Parsed::need_more;
  header.payload = extra ? big_endian(bytes.substr(2, extra)) : small;
  if ((extra == 2 && header.payload < 126) || (extra == 8 && (header.payload < 65536 || header.payload >> 63))) return Parsed::broken;
  if (masked) std::memcpy(header.mask.data(), bytes.data() + 2 + extra, 4);
  const bool control = (first & 0x08) != 0;
  if (control && (!header.final || header.payload > 125)) return Parsed::broken;
  if (!control && header.payload + message_.size() > limit_) return Parsed::too_large;
  return Parsed::complete;
}

FrameReader::Item FrameReader::next(Buffer& in) {
  for (;;) {
    Header header;
    switch (parse_header(in.view(), header)) {
      case Parsed::need_more: return {Item::Kind::need_more, {}};
      case Parsed::broken: return broken(protocol_error);
      case Parsed::too_large: return broken(too_big);
      case Parsed::complete: break;
    }
    if (in.size() - header.size < header.payload) return {Item::Kind::need_more, {}};
    std::string payload(in.view().substr(header.size, header.payload));
    in.consume(header.size + header.payload);
    if (side_ == Side::server) apply_mask(payload.data(), payload.size(), header.mask);
    switch (header.opcode) {
      case Opcode::close:
      case Opcode::ping:
      case Opcode::pong: return control(header, std::move(payload));
      case Opcode::binary: return broken(unsupported_data);
      case Opcode::text:
        if (fragmented_) return broken(protocol_error);
        message_ = std::move(payload);
        break;
      case Opcode::continuation:
        if (!fragmented_) return broken(protocol_error);
        message_ += payload;
        break;
      default: return broken(protocol_error);
    }
    fragmented_ = !header.final;
    if (fragmented_) continue;
    if (!is_utf8(message_)) return broken(bad_text);
    return {Item::Kind::text, std::exchange(message_, {})};
  }
}

FrameReader::Item FrameReader::control(const Header& header, std::string payload) const {
  if (header.opcode == Opcode::ping) return {Item::Kind::ping, std::move(payload)};
  if (header.opcode == Opcode::pong) return {Item::Kind::pong, std::move(payload)};
  if (payload.empty()) return {Item::Kind::close, {}, no_status};
  if (payload.size() < 2) return broken(protocol_error);
  const auto code = static_cast<std::uint16_t>(big_endian(std::string_view(payload).substr(0, 2)));
  if (!may_be_sent(code)) return broken(protocol_error);
  if (!is_utf8(std::string_view(payload).substr(2))) return broken(bad_text);
  return {Item::Kind::close, payload.substr(2), code};
}

bool is_utf8(std::string_view text) noexcept {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char first = byte(i);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || text.size() - i <= more) return false;
    // The second byte's range depends on the first: this is where overlong forms, surrogates and too large values would begin.
    const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte(i + 1) < low || byte(i + 1) > high) return false;
    for (std::size_t k = 2; k <= more; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    i += more + 1;
  }
  return true;
}

std::string accept_token(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace flotte::http::detail
