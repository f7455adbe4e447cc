// zlib and libzstd, piece by piece into a string that is not allowed to grow beyond its bound.
#include "http/content_coding.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "http/message.hpp"

namespace flotte::http {
namespace {

constexpr std::size_t most_codings = 3;
constexpr std::size_t first_piece = std::size_t{64} * 1024;
/// RFC 9659: what a decoder of this coding has to have room for, and nobody may ask for more.
constexpr int zstd_window_log = 23;

std::unexpected<Error> broken(std::string_view coding) {
  return fail(Code::invalid_argument, fmt::format("the body is not valid {}, or it is cut off", coding));
}

/// Room that doubles up to the bound.
class Growing {
 public:
  explicit Growing(std::size_t limit) : limit_(limit) {}
  /// False where there is no more.
  bool grow() {
    if (text_.size() >= limit_) return false;
    text_.resize(std::min(limit_, std::max(first_piece, text_.size() * 2)));
    return true;
  }
  char* at() { return text_.data() + used_; }
  std::size_t room() const { return text_.size() - used_; }
  void use(std::size_t count) { used_ += count; }
  std::string take() {
    text_.resize(used_);
    return std::move(text_);
  }
  std::unexpected<Error> overflow() const {
    return fail(Code::too_large, fmt::format("the body is longer than {} bytes once it is decompressed", limit_), "send less at once");
  }

 private:
  std::size_t limit_, used_ = 0;
  std::string text_;
};

struct Inflater {
  z_stream stream{};
  bool ready;
  explicit Inflater(int window) : ready(inflateInit2(&stream, window) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
};

/// `window` as inflateInit2 has it: what kind of head to expect.
Result<std::string> inflate_all(std::string_view body, std::size_t limit, std::string_view coding, int window) {
  Inflater inflater(window);
  if (!inflater.ready) return fail(Code::internal, "zlib could not begin");
  z_stream& z = inflater.stream;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  z.avail_in = static_cast<uInt>(body.size());
  Growing out(limit);
  for (;;) {
    if (out.room() == 0 && !out.grow()) {
      char one = 0;  // the end may still stand in the input
      z.next_out = reinterpret_cast<Bytef*>(&one);
      z.avail_out = 1;
      if (inflate(&z, Z_NO_FLUSH) != Z_STREAM_END || z.avail_out == 0 || z.avail_in != 0) return out.overflow();
      return out.take();
    }
    z.next_out = reinterpret_cast<Bytef*>(out.at());
    z.avail_out = static_cast<uInt>(out.room());
    const uInt before = z.avail_out;
    const int result = inflate(&z, Z_NO_FLUSH);
    out.use(before - z.avail_out);
    if (result == Z_STREAM_END) {
      if (z.avail_in == 0) return out.take();
      if (inflateReset(&z) != Z_OK) return broken(coding);  // gzip: one member behind the other
      continue;
    }
    if (result != Z_OK) return broken(coding);  // Z_BUF_ERROR: no more input
  }
}

Result<std::string> gunzip(std::string_view body, std::size_t limit) { return inflate_all(body, limit, "gzip", 16 + MAX_WBITS); }

/// RFC 9110 means zlib's form; some clients send the bare one.
Result<std::string> inflate_body(std::string_view body, std::size_t limit) {
  auto out = inflate_all(body, limit, "deflate", MAX_WBITS);
  if (out || out.error().code != Code::invalid_argument) return out;
  return inflate_all(body, limit, "deflate", -MAX_WBITS);
}

Result<std::string> unzstd(std::string_view body, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  if (!context) return fail(Code::internal, "zstd could not begin");
  if (ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, zstd_window_log)) != 0)
    return fail(Code::internal, "zstd could not begin");
  ZSTD_inBuffer in{body.data(), body.size(), 0};
  Growing out(limit);
  for (;;) {
    if (out.room() == 0 && !out.grow()) {
      char one = 0;
      ZSTD_outBuffer rest{&one, 1, 0};
      const std::size_t left = ZSTD_decompressStream(context.get(), &rest, &in);
      if (left != 0 || rest.pos != 0 || in.pos != in.size) return out.overflow();
      return out.take();
    }
    ZSTD_outBuffer piece{out.at(), out.room(), 0};
    const std::size_t consumed = in.pos;
    const std::size_t left = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(left) != 0) return broken("zstd");
    out.use(piece.pos);
    if (left == 0 && in.pos == in.size) return out.take();
    if (piece.pos == 0 && in.pos == consumed) return broken("zstd");  // it waits for bytes that will not come
  }
}

struct Coding {
  std::string_view name;
  Result<std::string> (*decode)(std::string_view body, std::size_t limit);
};
constexpr Coding codings_known[] = {{"gzip", gunzip}, {"x-gzip", gunzip}, {"deflate", inflate_body}, {"zstd", unzstd}};

std::vector<std::string_view> list_of(std::string_view codings) {
  std::vector<std::string_view> names;
  while (!codings.empty()) {
    const std::size_t comma = std::min(codings.find(','), codings.size());
    std::string_view name = codings.substr(0, comma);
    codings.remove_prefix(std::min(comma + 1, codings.size()));
    while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    if (!name.empty() && !same_name(name, "identity")) names.push_back(name);
  }
  return names;
}

}  // namespace

Result<std::string> decode_content(std::string_view codings, std::string body, std::size_t limit) {
  std::vector<std::string_view> names = list_of(codings);
  if (names.size() > most_codings)
    return fail(Code::unsupported, "the body is compressed more than three times", "send it compressed once");
  for (; !names.empty(); names.pop_back()) {
    const Coding* known = std::find_if(std::begin(codings_known), std::end(codings_known),
                                       [&](const Coding& coding) { return same_name(coding.name, names.back()); });
    if (known == std::end(codings_known))
      return fail(Code::unsupported, fmt::format("a body with Content-Encoding \"{}\" is not read", names.back()),
                  "send it uncompressed, or as gzip, deflate or zstd");
    auto decoded = known->decode(body, limit);
    if (!decoded) return decoded;
    body = std::move(*decoded);
  }
  return body;
}

}  // namespace flotte::http
