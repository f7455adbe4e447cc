// Commands on the hub's own machine.
#include "hub/home_commands.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/process/spawn.hpp"
#include "sandbox/confine.hpp"
#include "sandbox/group.hpp"

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

std::shared_ptr<work::CommandExecutor> make_home_commands(const std::string& data, const std::string& url, CommandLimits limits,
                                                          BlockingPool& pool, store::Blobs& blobs, std::shared_ptr<work::HubSteps> steps) {
  work::CommandOptions options;
  options.runs_directory = data + "/home/runs";
  options.url = url;
  options.keeper =
      std::make_shared<work::FileBlobKeeper>(pool, [&blobs](const std::filesystem::path& file) { return store_file(blobs, file); });
  options.steps = std::move(steps);
  options.wrap = [limits = std::move(limits), runs = options.runs_directory](const wire::Offer& offer, std::vector<std::string> argv) {
    const auto found = limits.find(offer.worker);
    if (found == limits.end()) return argv;
    const std::string group = sandbox::group_name(work::RunDirectory(runs, offer.run).path().string());
    return sandbox::confined(found->second, {.name = group}, std::move(argv));
  };
  return std::make_shared<work::CommandExecutor>(pool, std::move(options));
}

}  // namespace flotte::hub
