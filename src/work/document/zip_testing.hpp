// For tests: ZIP archives made in memory.
#pragma once
#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace flotte::work::testing {

inline void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

inline std::string deflated(const std::string& content) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, content.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline std::string make_zip(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out, directory;
  for (const auto& [name, content] : files) {
    const std::string packed = deflated(content);
    std::string about;  // what both headers say
    put(about, 20, 2);
    put(about, 0, 2);
    put(about, 8, 2);
    put(about, 0, 4);
    put(about, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()))), 4);
    put(about, static_cast<std::uint32_t>(packed.size()), 4);
    put(about, static_cast<std::uint32_t>(content.size()), 4);
    put(about, static_cast<std::uint32_t>(name.size()), 2);
    put(about, 0, 2);
    directory += "PK\x01\x02";
    put(directory, 20, 2);
    directory += about;
    put(directory, 0, 2);
    put(directory, 0, 2);
    put(directory, 0, 2);
    put(directory, 0, 4);
    put(directory, static_cast<std::uint32_t>(out.size()), 4);
    directory += name;
    out += "PK\x03\x04" + about + name + packed;
  }
  const std::size_t start = out.size();
  out += directory + "PK\x05\x06";
  put(out, 0, 4);
  put(out, static_cast<std::uint32_t>(files.size()), 2);
  put(out, static_cast<std::uint32_t>(files.size()), 2);
  put(out, static_cast<std::uint32_t>(directory.size()), 4);
  put(out, static_cast<std::uint32_t>(start), 4);
  put(out, 0, 2);
  return out;
}

}  // namespace flotte::work::testing
