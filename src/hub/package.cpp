// A tar archive of one file, compressed with zlib while it is read.
#include "hub/package.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "base/crypto.hpp"
#include "base/file.hpp"

namespace flotte::hub {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t piece = 256 * 1024;

std::string own_architecture() {
  utsname names{};
  return ::uname(&names) == 0 ? names.machine : "unknown";
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Calls `take` with every piece of the file. Error: io.
template <class Take>
Result<void> read_pieces(const std::string& path, Take take) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::io, "cannot read " + path);
  std::string buffer(piece, '\0');
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    if (auto taken = take(std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount()))); !taken) return taken;
  }
  if (in.bad()) return fail(Code::io, "cannot read " + path + " to its end");
  return {};
}

Result<std::string> hash_of(const std::string& path) {
  Sha256 hash;
  auto read = read_pieces(path, [&hash](std::string_view bytes) -> Result<void> {
    hash.update(bytes);
    return {};
  });
  if (!read) return pass(read);
  return hash.finish_hex();
}

Result<Package> describe(std::string path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error) return fail(Code::io, fmt::format("cannot read {}: {}", path, error.message()));
  auto hash = hash_of(path);
  if (!hash) return pass(hash);
  return Package{std::move(path), static_cast<std::int64_t>(bytes), std::move(*hash)};
}

/// Compresses what it is given into a file, in gzip's form.
class GzipFile {
 public:
  GzipFile(const std::string& path, int level) : path_(path), out_(path, std::ios::binary | std::ios::trunc), room_(piece, '\0') {
    constexpr int gzip_form = 15 + 16, memory = 8;
    ready_ = ::deflateInit2(&stream_, level, Z_DEFLATED, gzip_form, memory, Z_DEFAULT_STRATEGY) == Z_OK && out_;
  }
  GzipFile(const GzipFile&) = delete;
  ~GzipFile() { ::deflateEnd(&stream_); }
  Result<void> write(std::string_view bytes) { return deflate(bytes, Z_NO_FLUSH); }
  Result<void> finish() {
    auto done = deflate({}, Z_FINISH);
    if (!done) return done;
    out_.close();
    return out_ ? Result<void>() : failed();
  }

 private:
  Failure failed() const { return fail(Code::io, "cannot write " + path_, "is the disk full?"); }
  Result<void> deflate(std::string_view bytes, int flush) {
    if (!ready_) return failed();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
      stream_.avail_out = static_cast<uInt>(room_.size());
      ::deflate(&stream_, flush);
      out_.write(room_.data(), static_cast<std::streamsize>(room_.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
    return out_ ? Result<void>() : failed();
  }

  std::string path_;
  std::ofstream out_;
  std::string room_;
  z_stream stream_{};
  bool ready_ = false;
};

/// What an older version of the program left.
void remove_others(const std::string& directory, const std::string& kept) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("own-") && entry.path() != kept) fs::remove(entry.path(), error);
  }
}

}  // namespace

std::string tar_header(std::string_view name, std::uint64_t bytes, unsigned mode) {
  std::string out(512, '\0');
  const auto put = [&out](std::size_t at, std::string_view text) { std::copy(text.begin(), text.end(), out.begin() + at); };
  put(0, name.substr(0, 100));
  put(100, fmt::format("{:07o}", mode));
  put(108, "0000000");  // user
  put(116, "0000000");  // group
  put(124, fmt::format("{:011o}", bytes));
  put(136, "00000000000");  // time
  put(148, "        ");     // the checksum counts as spaces
  put(156, "0");            // a regular file
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : out) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  out[154] = '\0';
  return out;
}

Packages::Packages(std::string directory, std::string executable) : directory_(std::move(directory)), executable_(std::move(executable)) {}

Result<Package> Packages::find(std::string os, std::string architecture) {
  os = lower(std::move(os));
  architecture = lower(std::move(architecture));
  if (architecture == "amd64") architecture = "x86_64";
  if (architecture == "arm64" && os != "darwin") architecture = "aarch64";
  if (!os.empty() && os != "linux")
    return fail(Code::not_found, fmt::format("there is no flotte for '{}': nodes run on Linux", os.substr(0, 40)));
  if (architecture.empty() || architecture == own_architecture()) return own();
  return put_by_hand(architecture);
}

Result<Package> Packages::put_by_hand(const std::string& architecture) {
  const bool a_name = architecture.size() <= 32 && std::all_of(architecture.begin(), architecture.end(), [](char c) {
                        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
                      });
  if (!a_name) return fail(Code::not_found, "that is no architecture's name", "as `uname -m` prints it");
  const std::string path = fmt::format("{}/flotte-linux-{}.tar.gz", directory_, architecture);
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    return fail(Code::not_found, fmt::format("this hub runs on {} and has no program for {}", own_architecture(), architecture),
                fmt::format("build flotte for {} and put its tarball at {}", architecture, path));
  return describe(path);
}

Result<Package> Packages::own() {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  if (!known_.path.empty() && fs::file_size(known_.path, error) == static_cast<std::uintmax_t>(known_.bytes)) return known_;
  auto hash = hash_of(executable_);
  if (!hash) return pass(hash);
  auto path = pack(*hash);
  if (!path) return pass(path);
  auto package = describe(*path);
  if (package) known_ = *package;
  return package;
}

Result<std::string> Packages::pack(const std::string& hash) {
  const std::string path = fmt::format("{}/own-{}.tar.gz", directory_, hash.substr(0, 32));
  std::error_code error;
  if (fs::is_regular_file(path, error)) return path;
  if (auto made = make_directories(directory_); !made) return pass(made);
  const auto bytes = fs::file_size(executable_, error);
  if (error) return fail(Code::io, fmt::format("cannot read {}: {}", executable_, error.message()));
  const std::string part = path + ".part";
  // A program with its debugging information is large: there speed counts.
  constexpr std::uintmax_t large = 64 * 1024 * 1024;
  GzipFile out(part, bytes > large ? 1 : 6);
  auto written = out.write(tar_header("flotte-" FLOTTE_VERSION "/bin/flotte", bytes, 0755));
  if (written) written = read_pieces(executable_, [&out](std::string_view taken) { return out.write(taken); });
  // Filled up to a whole block; two empty blocks end the archive.
  if (written) written = out.write(std::string((512 - bytes % 512) % 512 + 1024, '\0'));
  if (written) written = out.finish();
  if (written) fs::rename(part, path, error);
  if (!written || error) {
    std::error_code ignored;
    fs::remove(part, ignored);
    if (!written) return pass(written);
    return fail(Code::io, fmt::format("cannot write {}: {}", path, error.message()));
  }
  remove_others(directory_, path);
  return path;
}

}  // namespace flotte::hub
