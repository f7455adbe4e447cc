// Frames in every piece size, and what the standard forbids.
#include "http/detail/frame.hpp"

#include <gtest/gtest.h>

namespace flotte::http::detail {
namespace {

std::string frame(Opcode opcode, std::string_view payload, Side side = Side::client) {
  std::string out;
  write_frame(out, opcode, payload, side, {'a', 'b', 'c', 'd'});
  return out;
}
std::string unfinished(std::string bytes) {
  bytes[0] = static_cast<char>(bytes[0] & 0x7f);
  return bytes;
}

/// Items as words; "!CODE" for broken.
std::string read(std::string_view bytes, Side side = Side::server, std::size_t step = 1000, std::size_t limit = 100'000) {
  FrameReader reader(side, limit);
  Buffer in;
  std::string out;
  std::size_t fed = 0;
  for (;;) {
    const auto item = reader.next(in);
    switch (item.kind) {
      case FrameReader::Item::Kind::text: out += "text(" + item.payload + ")"; continue;
      case FrameReader::Item::Kind::ping: out += "ping(" + item.payload + ")"; continue;
      case FrameReader::Item::Kind::pong: out += "pong(" + item.payload + ")"; continue;
      case FrameReader::Item::Kind::close: return out + "close(" + std::to_string(item.close_code) + item.payload + ")";
      case FrameReader::Item::Kind::broken: return out + "!" + std::to_string(item.close_code);
      case FrameReader::Item::Kind::need_more: break;
    }
    if (fed >= bytes.size()) return out;
    const std::string_view part = bytes.substr(fed, step);
    in.make_room(part.size());
    std::memcpy(in.room().data(), part.data(), part.size());
    in.commit(part.size());
    fed += part.size();
  }
}

TEST(Frames, EveryPieceSizeGivesTheSameItems) {
  const std::string bytes = frame(Opcode::text, "one") + unfinished(frame(Opcode::text, "t")) + frame(Opcode::ping, "p") +
                            unfinished(frame(Opcode::continuation, "w")) + frame(Opcode::continuation, "o") + frame(Opcode::pong, "") +
                            frame(Opcode::text, "") +
                            frame(Opcode::close,
                                  "\x03\xe8"
                                  "bye");
  for (std::size_t step = 1; step <= bytes.size(); ++step)
    EXPECT_EQ(read(bytes, Side::server, step), "text(one)ping(p)text(two)pong()text()close(1000bye)") << step;
}

TEST(Frames, EveryLengthFormIsReadBack) {
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u, 90000u}) {
    const std::string payload(size, 'x');
    EXPECT_EQ(read(frame(Opcode::text, payload)), "text(" + payload + ")");
    EXPECT_EQ(read(frame(Opcode::text, payload, Side::server), Side::client), "text(" + payload + ")");
  }
}

TEST(Frames, WhatTheStandardForbidsIsBroken) {
  std::string reserved = frame(Opcode::text, "x");
  reserved[0] = static_cast<char>(reserved[0] | 0x40);
  std::string unknown = frame(Opcode::text, "x");
  unknown[0] = static_cast<char>(0x83);
  const std::pair<std::string, std::string> table[] = {
      {frame(Opcode::text, "x", Side::server), "!1002"},
      {reserved, "!1002"},
      {unknown, "!1002"},
      {frame(Opcode::continuation, "x"), "!1002"},
      {unfinished(frame(Opcode::text, "x")) + frame(Opcode::text, "y"), "!1002"},
      {unfinished(frame(Opcode::ping, "x")), "!1002"},
      {frame(Opcode::ping, std::string(126, 'x')), "!1002"},
      {frame(Opcode::binary, "x"), "!1003"},
      {frame(Opcode::text, "\xff"), "!1007"},
      {frame(Opcode::close, "\x03"), "!1002"},
      {frame(Opcode::close, "\x03\xed"), "!1002"},
      {frame(Opcode::close, "\x03\xe8\xff"), "!1007"},
      {frame(Opcode::text, std::string(100'001, 'x')).substr(0, 14), "!1009"},
      {unfinished(frame(Opcode::text, std::string(60'000, 'x'))) + frame(Opcode::continuation, std::string(60'000, 'x')), "!1009"},
      {std::string("\x81\xfe\x00\x05"
                   "abcd",
                   8),
       "!1002"},
      {std::string("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x05"
                   "abcd",
                   14),
       "!1002"},
  };
  for (const auto& [bytes, expected] : table) EXPECT_EQ(read(bytes), expected);
  EXPECT_EQ(read(frame(Opcode::text, "x", Side::client), Side::client), "!1002");
  EXPECT_EQ(read(frame(Opcode::close, "")), "close(1005)");
}

TEST(Utf8, IsChecked) {
  for (const char* good : {"", "a", "\xc2\x80", "\xe6\x97\xa5", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xe6\x97", "a\xc3", "\xe6\x97x"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(AcceptToken, IsTheOneOfTheStandard) { EXPECT_EQ(accept_token("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }

}  // namespace
}  // namespace flotte::http::detail
