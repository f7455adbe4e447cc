// WebSocket frames (RFC 6455, section 5): bytes to messages and back. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/detail/buffer.hpp"

namespace flotte::http::detail {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// A client masks what it sends, a server does not.
enum class Side { server, client };

/// Adds one unfragmented frame. `mask` is used on the client's side only.
void write_frame(std::string& out, Opcode opcode, std::string_view payload, Side side, std::array<char, 4> mask = {});

class FrameReader {
 public:
  /// `side` is ours: a server expects masked frames.
  FrameReader(Side side, std::size_t message_limit) : side_(side), limit_(message_limit) {}

  struct Item {
    enum class Kind { need_more, text, ping, pong, close, broken };
    Kind kind;
    std::string payload;           // of text, ping, pong; the reason of close
    std::uint16_t close_code = 0;  // of close (1005: none was sent) and broken (what to answer)
  };
  /// Takes the next whole item off `in`.
  Item next(Buffer& in);

 private:
  struct Header {
    bool final = false;
    Opcode opcode = Opcode::continuation;
    std::size_t size = 0;  // of header and mask
    std::uint64_t payload = 0;
    std::array<char, 4> mask{};
  };
  enum class Parsed { need_more, complete, broken, too_large };
  Parsed parse_header(std::string_view bytes, Header& header) const;
  Item control(const Header& header, std::string payload) const;
  Side side_;
  std::size_t limit_;
  std::string message_;  // the fragments so far
  bool fragmented_ = false;
};

/// Well-formed UTF-8: no overlong forms, no surrogates, nothing over U+10FFFF.
bool is_utf8(std::string_view text) noexcept;
/// What `Sec-WebSocket-Accept` must say to that key.
std::string accept_token(std::string_view key);

}  // namespace flotte::http::detail
