// Lines of a spool segment, to text and back.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "work/spool.hpp"

namespace flotte::work {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c & 1) ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}

/// CRC-32 as in IEEE 802.3.
std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto table = make_table();
  std::uint32_t c = 0xffffffffu;
  for (const char byte : bytes) c = table[(c ^ static_cast<unsigned char>(byte)) & 0xff] ^ (c >> 8);
  return ~c;
}

}  // namespace

std::string format_spool_line(const wire::Record& record) {
  const std::string text = wire::format(wire::ToHub(wire::Records{{record}}));
  return fmt::format("{:08x} {}\n", crc32(text), text);
}

Result<wire::Record> parse_spool_line(std::string_view line) {
  std::uint32_t told = 0;
  if (line.size() < 9 || line[8] != ' ') return fail(Code::corrupt, "no checksum");
  const auto [end, error] = std::from_chars(line.data(), line.data() + 8, told, 16);
  if (error != std::errc() || end != line.data() + 8) return fail(Code::corrupt, "no checksum");
  line.remove_prefix(9);
  if (crc32(line) != told) return fail(Code::corrupt, "wrong checksum");
  auto message = wire::parse_to_hub(line);
  if (!message) return fail(Code::corrupt, message.error().message);
  auto* records = std::get_if<wire::Records>(&*message);
  if (!records || records->items.size() != 1) return fail(Code::corrupt, "not one record");
  return std::move(records->items[0]);
}

SegmentScan scan_segment(std::string_view bytes,
                         const std::function<void(wire::Record, std::size_t offset, std::size_t length)>& on_record) {
  SegmentScan scan;
  std::int64_t last = 0;
  while (scan.good_bytes < bytes.size()) {
    const std::size_t offset = scan.good_bytes;
    const std::size_t end = bytes.find('\n', offset);
    if (end == std::string_view::npos) break;
    scan.good_bytes = end + 1;
    auto record = parse_spool_line(bytes.substr(offset, end - offset));
    if (!record || record->number <= last) {
      ++scan.damaged;
      continue;
    }
    last = record->number;
    on_record(std::move(*record), offset, end + 1 - offset);
  }
  return scan;
}

}  // namespace flotte::work
