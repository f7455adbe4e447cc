#include "http/content_coding.hpp"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace flotte::http {
namespace {

constexpr std::size_t plenty = std::size_t{1} << 20;

std::string zlibbed(std::string_view text, int window) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}
std::string gzipped(std::string_view text) { return zlibbed(text, 16 + MAX_WBITS); }
std::string zstded(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

Code error_of(std::string_view codings, std::string body, std::size_t limit = plenty) {
  const auto out = decode_content(codings, std::move(body), limit);
  EXPECT_FALSE(out);
  return out ? Code::internal : out.error().code;
}

std::string sample(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "{\"input\":\"" + std::to_string(text.size() * 7919) + "\"},";
  text.resize(size);
  return text;
}

TEST(ContentCoding, Case4UndoesWhatAgentsSend) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{65536}, std::size_t{300000}}) {
    const std::string text = sample(size);
    EXPECT_EQ(decode_content("gzip", gzipped(text), plenty), text) << size;
    EXPECT_EQ(decode_content("X-GZIP", gzipped(text), plenty), text) << size;
    EXPECT_EQ(decode_content("deflate", zlibbed(text, MAX_WBITS), plenty), text) << size;
    EXPECT_EQ(decode_content("deflate", zlibbed(text, -MAX_WBITS), plenty), text) << size;
    EXPECT_EQ(decode_content("zstd", zstded(text), plenty), text) << size;
    EXPECT_EQ(decode_content("identity", text, plenty), text) << size;
  }
}

TEST(ContentCoding, Case4UndoesStackedOnesFromTheLast) {
  const std::string text = sample(5000);
  EXPECT_EQ(decode_content("gzip, identity,zstd", zstded(gzipped(text)), plenty), text);
  EXPECT_EQ(error_of("gzip, gzip, gzip, gzip", "x"), Code::unsupported);
}

TEST(ContentCoding, JoinsMembersAndFramesThatFollowEachOther) {
  EXPECT_EQ(decode_content("gzip", gzipped("ab") + gzipped("cd"), plenty), "abcd");
  EXPECT_EQ(decode_content("zstd", zstded("ab") + zstded("cd"), plenty), "abcd");
}

TEST(ContentCoding, ABombIsTooLargeAndNeverGrowsBeyondItsBound) {
  const std::string zeros(std::size_t{64} << 20, '\0');
  EXPECT_EQ(error_of("gzip", gzipped(zeros)), Code::too_large);
  EXPECT_EQ(error_of("deflate", zlibbed(zeros, -MAX_WBITS)), Code::too_large);
  EXPECT_EQ(error_of("zstd", zstded(zeros)), Code::too_large);
  EXPECT_EQ(error_of("zstd, gzip", gzipped(zstded(zeros))), Code::too_large);
}

TEST(ContentCoding, ExactlyTheBoundIsNotTooLarge) {
  const std::string text = sample(70000);
  for (const std::size_t limit : {text.size(), text.size() + 1}) {
    EXPECT_EQ(decode_content("gzip", gzipped(text), limit), text);
    EXPECT_EQ(decode_content("zstd", zstded(text), limit), text);
  }
  EXPECT_EQ(error_of("gzip", gzipped(text), text.size() - 1), Code::too_large);
  EXPECT_EQ(error_of("zstd", zstded(text), text.size() - 1), Code::too_large);
}

TEST(ContentCoding, RefusesWhatIsCutOffBrokenOrUnknown) {
  const std::string text = sample(3000);
  for (std::size_t cut = 1; cut < 40; ++cut) {
    EXPECT_EQ(error_of("gzip", gzipped(text).substr(0, gzipped(text).size() - cut)), Code::invalid_argument) << cut;
    EXPECT_EQ(error_of("zstd", zstded(text).substr(0, zstded(text).size() - cut)), Code::invalid_argument) << cut;
  }
  for (const std::string_view coding : {"gzip", "deflate", "zstd"}) EXPECT_EQ(error_of(coding, text), Code::invalid_argument) << coding;
  EXPECT_EQ(error_of("br", text), Code::unsupported);
}

}  // namespace
}  // namespace flotte::http
