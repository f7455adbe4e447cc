// Chunking in every piece size, and broken chunking.
#include "http/detail/body.hpp"

#include <gtest/gtest.h>

namespace flotte::http::detail {
namespace {

struct Outcome {
  std::string body;
  std::string end;
  std::string rest;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view bytes, Framing framing, std::size_t step) {
  BodyReader reader;
  reader.reset(framing);
  Buffer in;
  Outcome out;
  std::size_t fed = 0;
  for (;;) {
    const BodyReader::Piece piece = reader.next(in);
    if (piece.kind == BodyReader::Piece::Kind::data) {
      out.body += piece.bytes;
      in.consume(piece.used);
    } else if (piece.kind == BodyReader::Piece::Kind::need_more && fed < bytes.size()) {
      const std::string_view part = bytes.substr(fed, step);
      in.make_room(part.size());
      std::memcpy(in.room().data(), part.data(), part.size());
      in.commit(part.size());
      fed += part.size();
    } else {
      out.end = piece.kind == BodyReader::Piece::Kind::ended    ? "ended"
                : piece.kind == BodyReader::Piece::Kind::broken ? "broken"
                                                                : "need_more";
      out.rest = std::string(in.view()) + std::string(bytes.substr(fed));
      return out;
    }
  }
}

constexpr Framing chunked{Framing::Kind::chunked, 0};

TEST(Chunked, EveryPieceSizeGivesTheSameBody) {
  const std::string text = "5\r\nhello\r\n1;name=value\r\n \r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET";
  for (std::size_t step = 1; step <= text.size(); ++step)
    EXPECT_EQ(decode(text, chunked, step), (Outcome{"hello 0123456789", "ended", "GET"})) << step;
}

TEST(Chunked, BrokenFramingIsRefusedInEveryPieceSize) {
  const std::string table[] = {
      "5\nhello\r\n",
      "5\r\nhelloX\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "\r\n",
      "x\r\n",
      "-1\r\n",
      "0x5\r\n",
      "5 x\r\nhello\r\n",
      "1234567890abcdef0\r\n",
      "5\rX\r\n",
      ";a\r\n",
      "0\r\nA: b\n\r\n",
      "5;" + std::string(300, 'e') + "\r\nhello\r\n",
      "0\r\n" + std::string(9000, 't'),
  };
  for (const std::string& text : table)
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, text.size()})
      EXPECT_EQ(decode(text, chunked, step).end, "broken") << text.substr(0, 30) << " step " << step;
}

TEST(Chunked, ChunksThatAreThereComeAsOnePiece) {
  BodyReader reader;
  reader.reset(chunked);
  Buffer in;
  const std::string_view text = "3\r\nabc\r\n2\r\nde\r\n4\r\nfg";
  in.make_room(text.size());
  std::memcpy(in.room().data(), text.data(), text.size());
  in.commit(text.size());
  const auto piece = reader.next(in);
  EXPECT_EQ(piece.bytes, "abcdefg");
  EXPECT_EQ(piece.used, text.size());
}

TEST(Length, EndsAtTheLength) {
  EXPECT_EQ(decode("helloGET", {Framing::Kind::length, 5}, 3), (Outcome{"hello", "ended", "GET"}));
  EXPECT_EQ(decode("hel", {Framing::Kind::length, 5}, 3), (Outcome{"hel", "need_more", ""}));
  EXPECT_EQ(decode("hel", {Framing::Kind::until_close, 0}, 1), (Outcome{"hel", "need_more", ""}));
  EXPECT_EQ(decode("GET", {}, 1), (Outcome{"", "ended", "GET"}));
}

TEST(Chunked, ThePrefixIsTheSizeInHex) {
  std::array<char, 20> memory;
  EXPECT_EQ(chunk_prefix(500, memory), "1f4\r\n");
  EXPECT_EQ(chunk_prefix(SIZE_MAX, memory), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace flotte::http::detail
