// Heads, bodies, frames and events: whatever arrives, in whatever pieces.
#include "base/fuzz_target.hpp"
#include "http/client.hpp"
#include "http/content_coding.hpp"
#include "http/detail/body.hpp"
#include "http/detail/frame.hpp"
#include "http/detail/head.hpp"
#include "http/sse.hpp"

namespace flotte::http {
namespace {

using fuzz::require;

void check_fields(const Headers& headers) {
  require(headers.size() <= detail::most_fields, "fields are bounded");
  for (const auto& [name, value] : headers) {
    require(!name.empty(), "a field has a name");
    require(name.find_first_of(std::string_view("\r\n\0: ", 5)) == std::string_view::npos, "no separator in a name");
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "no line end in a value");
  }
}

void request_head(std::string_view bytes) {
  std::size_t scanned = 0;
  const auto end = detail::find_head_end(bytes, scanned);
  if (end.kind != detail::HeadEnd::Kind::complete) return;
  require(end.size <= bytes.size(), "a head ends inside the bytes");
  RequestHead head;
  const auto facts = detail::parse_request(bytes.substr(0, end.size), head);
  if (!facts) {
    require(facts.error().status >= 400 && facts.error().status < 600, "a refusal has a status");
    return;
  }
  require(!head.method.empty() && !head.target.empty(), "an accepted request asks for something");
  check_fields(head.headers);
  [[maybe_unused]] const auto query = head.query("key");
  [[maybe_unused]] const auto path = percent_decode(head.path());
}

void response_head(std::string_view bytes) {
  std::size_t scanned = 0;
  const auto end = detail::find_head_end(bytes, scanned);
  if (end.kind != detail::HeadEnd::Kind::complete) return;
  ResponseHead head;
  if (!detail::parse_response(bytes.substr(0, end.size), "GET", head)) return;
  require(head.status >= 100 && head.status < 1000, "a status has three digits");
  check_fields(head.headers);
}

void append(detail::Buffer& in, std::string_view bytes) {
  in.make_room(bytes.size());
  std::copy(bytes.begin(), bytes.end(), in.room().begin());
  in.commit(bytes.size());
}

struct BodyRead {
  std::string text;
  bool ended = false, broken = false;
  bool operator==(const BodyRead&) const = default;
};

void take_pieces(detail::BodyReader& reader, detail::Buffer& in, BodyRead& read) {
  using Kind = detail::BodyReader::Piece::Kind;
  while (!read.ended && !read.broken) {
    const auto piece = reader.next(in);
    if (piece.kind == Kind::need_more) return;
    if (piece.kind == Kind::data) {
      read.text += piece.bytes;
      require(piece.used <= in.size(), "no more is used than is there");
      in.consume(piece.used);
    }
    read.ended = piece.kind == Kind::ended;
    read.broken = piece.kind == Kind::broken;
  }
}

BodyRead read_body(std::string_view first, std::string_view second) {
  detail::BodyReader reader;
  detail::Framing framing;
  framing.kind = detail::Framing::Kind::chunked;
  reader.reset(framing);
  detail::Buffer in;
  BodyRead read;
  for (const std::string_view part : {first, second}) {
    append(in, part);
    take_pieces(reader, in, read);
  }
  return read;
}

void chunked_body(std::string_view bytes) {
  const auto parts = fuzz::cut(bytes);
  const BodyRead whole = read_body(parts.whole, {}), split = read_body(parts.first, parts.second);
  require(whole == split || (whole.broken && split.broken), "a body does not depend on where the network cut it");
  require(whole.text.size() <= bytes.size(), "chunking adds nothing");
}

struct FramesRead {
  std::string text;
  bool broken = false, closed = false;
  bool operator==(const FramesRead&) const = default;
};

FramesRead read_frames(std::string_view first, std::string_view second) {
  using Kind = detail::FrameReader::Item::Kind;
  detail::FrameReader reader(detail::Side::server, 4096);
  detail::Buffer in;
  FramesRead read;
  for (const std::string_view part : {first, second}) {
    append(in, part);
    while (!read.broken && !read.closed) {
      const auto item = reader.next(in);
      if (item.kind == Kind::need_more) break;
      if (item.kind == Kind::text) require(detail::is_utf8(item.payload), "a text message is UTF-8");
      require(item.payload.size() <= 4096, "a message keeps to its limit");
      read.text += item.payload + "|";
      read.broken = item.kind == Kind::broken;
      read.closed = item.kind == Kind::close;
    }
  }
  return read;
}

void websocket_frames(std::string_view bytes) {
  const auto parts = fuzz::cut(bytes);
  require(read_frames(parts.whole, {}) == read_frames(parts.first, parts.second), "frames do not depend on where the network cut them");
}

std::string read_events(std::string_view first, std::string_view second) {
  std::string out;
  const auto sink = [&](const SseEvent& e) { out += "[" + e.event + "|" + e.data + "|" + e.id + "]"; };
  SseParser parser(1024);
  for (const std::string_view part : {first, second})
    if (!parser.feed(part, sink)) return "too large";
  parser.finish(sink);
  return out;
}

void sse(std::string_view bytes) {
  const auto parts = fuzz::cut(bytes);
  const std::string whole = read_events(parts.whole, {}), split = read_events(parts.first, parts.second);
  require(whole == split || whole == "too large" || split == "too large", "events do not depend on where the network cut them");
}

void url(std::string_view bytes) {
  const auto parsed = Url::parse(bytes);
  if (!parsed) return;
  require(!parsed->host.empty(), "an address has a host");
  require(parsed->host.find_first_of(std::string_view("\r\n\0 /@", 6)) == std::string::npos, "a host is only a host");
  const auto decoded = percent_decode(bytes);
  if (decoded) require(percent_decode(percent_encode(*decoded)) == decoded, "what was encoded is decoded to the same");
}

/// The first line names the coding.
void content_coding(std::string_view bytes) {
  constexpr std::size_t limit = std::size_t{128} * 1024;
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view body = bytes.substr(std::min(end + 1, bytes.size()));
  const auto decoded = decode_content(bytes.substr(0, end), std::string(body), limit);
  require(!decoded || decoded->size() <= std::max(limit, body.size()), "what is decompressed is bounded");
  require(decoded || !decoded.error().message.empty(), "a refusal says why");
}

const fuzz::Register targets[] = {{"request_head", request_head},         {"response_head", response_head},
                                  {"chunked_body", chunked_body},         {"sse", sse},
                                  {"websocket_frames", websocket_frames}, {"url", url},
                                  {"content_coding", content_coding}};

}  // namespace
}  // namespace flotte::http
