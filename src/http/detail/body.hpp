// Where a body ends, and chunking taken off. Pure: works on the bytes of a Buffer.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "http/detail/buffer.hpp"
#include "http/detail/head.hpp"

namespace flotte::http::detail {

class BodyReader {
 public:
  void reset(Framing framing) noexcept;
  /// The whole body has been given out.
  bool ended() const noexcept { return state_ == State::ended; }
  /// Nothing but the end of the connection ends this body.
  bool until_close() const noexcept { return framing_.kind == Framing::Kind::until_close; }

  struct Piece {
    enum class Kind { data, need_more, ended, broken };
    Kind kind;
    /// For `data`: bytes of the body inside `in`. They stay there: the caller consumes `used` bytes when it is done with them.
    std::string_view bytes;
    std::size_t used = 0;
  };
  /// The next piece. Chunks that are there already are joined in place, so that they can be passed on with one write.
  Piece next(Buffer& in);

 private:
  enum class State { ended, data, size_line, after_data, trailer };
  Piece next_chunked(Buffer& in);
  /// Looks at the framing bytes at `from`; returns how many were used, or -1 where they are wrong. 0: more is needed.
  std::ptrdiff_t step(std::string_view from);
  Framing framing_;
  State state_ = State::ended;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

/// "1f4\r\n" in front of a chunk of that size.
std::string_view chunk_prefix(std::size_t size, std::span<char, 20> into);

}  // namespace flotte::http::detail
