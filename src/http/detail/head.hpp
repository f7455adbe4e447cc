// Heads of requests and responses: strict parsing (what two parsers could read differently is refused) and writing. Pure.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace flotte::http::detail {

/// Where a body ends. RFC 9112, section 6.
struct Framing {
  enum class Kind { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;
};

/// What the connection needs to know about a head.
struct HeadFacts {
  Framing framing;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool expect_continue = false;
  bool upgrade = false;  // `Connection: upgrade` was asked for
};

/// Why a head is refused, with the status that says so.
struct BadHead {
  int status = 400;
  std::string_view what;
};

struct HeadEnd {
  enum class Kind { incomplete, complete, bare_line_feed };
  Kind kind = Kind::incomplete;
  std::size_t size = 0;  // with the empty line
};
/// Looks for the empty line. `scanned` remembers how far earlier calls looked; start with 0.
HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned) noexcept;

inline constexpr std::size_t most_fields = 256;
/// `head` ends with its empty line. `into` is replaced.
std::expected<HeadFacts, BadHead> parse_request(std::string_view head, RequestHead& into);
/// The framing depends on the method that was asked.
std::expected<HeadFacts, BadHead> parse_response(std::string_view head, std::string_view method, ResponseHead& into);

/// Adds "name: value\r\n".
void write_field(std::string& out, std::string_view name, std::string_view value);
void write_status_line(std::string& out, int status);
void write_number(std::string& out, std::uint64_t number);

}  // namespace flotte::http::detail
