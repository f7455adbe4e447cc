// Reading a GGUF head with every length checked against what is there.
#include "engine/gguf.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "base/process/spawn.hpp"

namespace flotte::engine {
namespace {

static_assert(std::endian::native == std::endian::little);

enum ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };
constexpr std::size_t scalar_sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
constexpr std::uint64_t most_items = 1'000'000;  // keys, tensors: real files have some thousands

/// Takes values from the front; after the end everything it gives is 0 and `short_` stays set.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T take() {
    T out{};
    const std::string_view bytes = take_bytes(sizeof(T));
    if (bytes.size() == sizeof(T)) std::memcpy(&out, bytes.data(), sizeof(T));
    return out;
  }
  std::string_view take_bytes(std::uint64_t count) {
    if (count > rest_.size()) {
      short_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view out = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(static_cast<std::size_t>(count));
    return out;
  }
  std::string_view take_string() { return take_bytes(take<std::uint64_t>()); }
  bool is_short() const { return short_; }
  bool broken = false;

 private:
  std::string_view rest_;
  bool short_ = false;
};

void skip_array(Cursor& in) {
  const auto type = in.take<std::uint32_t>();
  const auto count = in.take<std::uint64_t>();
  if (type == string) {
    for (std::uint64_t i = 0; i < count && !in.is_short(); ++i) in.take_string();
  } else if (type < std::size(scalar_sizes) && scalar_sizes[type] != 0) {
    if (count > (std::uint64_t{1} << 40))
      in.broken = true;
    else
      in.take_bytes(count * scalar_sizes[type]);
  } else {
    in.broken = true;  // arrays of arrays have never been written by anybody
  }
}

std::int64_t take_integer(Cursor& in, std::uint32_t type) {
  switch (type) {
    case u8: return in.take<std::uint8_t>();
    case i8: return in.take<std::int8_t>();
    case u16: return in.take<std::uint16_t>();
    case i16: return in.take<std::int16_t>();
    case u32: return in.take<std::uint32_t>();
    case i32: return in.take<std::int32_t>();
    case u64: return static_cast<std::int64_t>(in.take<std::uint64_t>());
    case i64: return in.take<std::int64_t>();
    default: in.take_bytes(scalar_sizes[type]); return 0;
  }
}

void take_pair(Cursor& in, GgufFacts& facts) {
  const std::string_view key = in.take_string();
  const auto type = in.take<std::uint32_t>();
  if (type >= std::size(scalar_sizes)) {
    in.broken = true;
  } else if (type == array) {
    skip_array(in);
  } else if (type == string) {
    const std::string_view value = in.take_string().substr(0, 4096);
    if (key == "general.name") facts.name = value;
    if (key == "general.description") facts.description = value;
    if (key == "general.architecture") facts.architecture = value;
  } else {
    const std::int64_t value = take_integer(in, type);
    // The key begins with the architecture's name, which stands before it in every file.
    if (key.ends_with(".context_length") && key.substr(0, key.size() - 15) == facts.architecture && value > 0) facts.context_tokens = value;
  }
}

void take_tensor(Cursor& in, GgufFacts& facts) {
  in.take_string();
  const auto dimensions = in.take<std::uint32_t>();
  if (dimensions > 8) {
    in.broken = true;
    return;
  }
  std::int64_t count = 1;
  for (std::uint32_t i = 0; i < dimensions; ++i)
    if (__builtin_mul_overflow(count, in.take<std::uint64_t>(), &count)) count = 0;
  in.take<std::uint32_t>();
  in.take<std::uint64_t>();
  if (__builtin_add_overflow(facts.parameters, count, &facts.parameters)) in.broken = true;
}

}  // namespace

Result<GgufFacts> parse_gguf(std::string_view bytes) {
  Cursor in(bytes);
  if (in.take_bytes(4) != "GGUF") return fail(Code::corrupt, "not a GGUF file", "is it complete, and a model for llama.cpp?");
  const auto version = in.take<std::uint32_t>();
  if (version != 2 && version != 3) return fail(Code::corrupt, fmt::format("GGUF version {} is not known", version));
  const auto tensors = in.take<std::uint64_t>();
  const auto pairs = in.take<std::uint64_t>();
  if (tensors > most_items || pairs > most_items) return fail(Code::corrupt, "its head cannot be right: too many entries");
  GgufFacts facts;
  for (std::uint64_t i = 0; i < pairs && !in.is_short() && !in.broken; ++i) take_pair(in, facts);
  for (std::uint64_t i = 0; i < tensors && !in.is_short() && !in.broken; ++i) take_tensor(in, facts);
  if (in.broken) return fail(Code::corrupt, "its head is damaged", "fetch the model again");
  if (in.is_short()) return fail(Code::too_large, "its head does not end where it should", "is the file complete?");
  return facts;
}

Result<GgufFacts> read_gguf(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return fail(Code::not_found, path + ": no such file");
    return fail_errno(path, errno);
  }
  // A vocabulary of a quarter million words takes about ten megabytes.
  for (const std::size_t size : {std::size_t{1} << 20, std::size_t{1} << 24, std::size_t{1} << 28}) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const ssize_t n = ::pread(file.get(), bytes.data() + have, size - have, static_cast<off_t>(have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno(path, errno);
      if (n == 0) break;
      have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    auto facts = parse_gguf(bytes);
    if (facts) return facts;
    if (facts.error().code != Code::too_large || have < size)
      return fail(Code::corrupt, path + ": " + facts.error().message, facts.error().hint);
  }
  return fail(Code::corrupt, path + ": its head is larger than 256 MiB");
}

std::string model_stem(std::string_view path) {
  std::string_view stem = path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
  if (stem.size() > 5 && stem.ends_with(".gguf")) stem.remove_suffix(5);
  // "-00001-of-00003"
  if (stem.size() > 15) {
    const std::string_view end = stem.substr(stem.size() - 15);
    bool split = end[0] == '-' && end.substr(6, 4) == "-of-";
    for (const std::size_t i : {1, 2, 3, 4, 5, 10, 11, 12, 13, 14}) split = split && end[i] >= '0' && end[i] <= '9';
    if (split) stem.remove_suffix(15);
  }
  return std::string(stem);
}

}  // namespace flotte::engine
