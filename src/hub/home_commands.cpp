// Commands on the hub's own machine.
#include "hub/home_commands.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/process/spawn.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t piece = 256 * 1024;

/// A file's bytes as a blob, whatever its size.
Result<std::string> store_file(store::Blobs& blobs, const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(path.string(), errno);
  auto writer = blobs.begin();
  if (!writer) return pass(writer);
  std::string buffer(piece, '\0');
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(path.string(), errno);
    if (n == 0) return writer->finish();
    if (auto written = writer->write(std::string_view(buffer.data(), static_cast<std::size_t>(n))); !written) return pass(written);
  }
}

}  // namespace

std::shared_ptr<work::ConfinedCommands> make_home_commands(const std::string& data, const std::string& url,
                                                           work::ConfinedCommands::LimitsTable limits, BlockingPool& pool,
                                                           store::Blobs& blobs, std::shared_ptr<work::HubSteps> steps) {
  work::CommandOptions options;
  options.runs_directory = data + "/home/runs";
  options.url = url;
  options.keeper =
      std::make_shared<work::FileBlobKeeper>(pool, [&blobs](const std::filesystem::path& file) { return store_file(blobs, file); });
  options.steps = std::move(steps);
  return std::make_shared<work::ConfinedCommands>(pool, std::move(options), std::move(limits));
}

}  // namespace flotte::hub
