// Output of commands.
#include "work/command/output.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "base/async/wait.hpp"

namespace flotte::work {
namespace {

constexpr std::size_t read_bytes = 4096;     // mended at most three times as long, which fits into one record
constexpr std::size_t visit_bytes = 262144;  // of a stream in one look: other runs share this loop
constexpr std::uint64_t least_output = 1024 * 1024;
constexpr milliseconds first_wait{500}, longest_wait{30'000};  // between attempts to keep an output

bool may_be_tried_again(Code code) {
  return code == Code::unavailable || code == Code::closed || code == Code::deadline || code == Code::exhausted || code == Code::io;
}

}  // namespace

std::string_view stream_name(OutputStream which) noexcept { return which == OutputStream::out ? "stdout" : "stderr"; }

std::string output_path(const ShimHandle& shim, OutputStream which) { return fmt::format("{}/{}", shim.dir(), stream_name(which)); }

std::uint64_t output_size(const ShimHandle& shim, OutputStream which) {
  struct stat facts{};
  return ::stat(output_path(shim, which).c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

std::uint64_t affordable_output(const std::string& directory, std::uint64_t wanted) {
  struct statvfs disk{};
  if (::statvfs(directory.c_str(), &disk) != 0) return wanted;
  const std::uint64_t left = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  return std::min(wanted, std::max(least_output, left / 8));
}

Following::Following(OutputStream which, const RunContext& run, OutputLimits limits)
    : which_(which),
      name_(stream_name(which)),
      limits_(limits),
      offset_(static_cast<std::uint64_t>(run.told(name_))),
      noted_(offset_ >= limits.head_bytes) {}

bool Following::take(const ShimHandle& shim, RunContext& run) {
  if (offset_ >= limits_.head_bytes) {
    leave_out(shim, run);
    return false;
  }
  for (std::size_t taken = 0; taken < visit_bytes && run.room();) {
    const auto limit = static_cast<std::size_t>(std::min<std::uint64_t>(read_bytes, limits_.head_bytes - offset_));
    auto bytes = limit > 0 ? shim.read_output(which_, offset_, limit) : Result<std::string>("");
    if (!bytes || bytes->empty()) return false;
    taken += bytes->size();
    offset_ += bytes->size();
    const std::string text = mender_.feed(*bytes);
    run.output_to(name_, text, static_cast<std::int64_t>(offset_ - mender_.held()));
  }
  return run.room();
}

/// The log waits for the end; people see the end as it is now.
void Following::leave_out(const ShimHandle& shim, RunContext& run) {
  const std::uint64_t size = output_size(shim, which_);
  if (size <= offset_) return;
  if (!std::exchange(noted_, true))
    run.output("note", fmt::format("{}: more than {} KiB; the log goes on with its end, and the result has all of it\n", name_,
                                   limits_.head_bytes / 1024));
  const std::uint64_t from = size - std::min<std::uint64_t>(size, RunContext::tail_bytes);
  if (const auto end = shim.read_output(which_, from, RunContext::tail_bytes)) {
    Utf8Mender mender;
    run.live(mender.feed(*end));
  }
}

void Following::finish(const ShimHandle& shim, RunContext& run) {
  const std::uint64_t size = output_size(shim, which_);
  if (size > offset_) {
    const std::string held = mender_.finish();
    if (!held.empty()) run.output_to(name_, held, static_cast<std::int64_t>(offset_));
    const std::uint64_t from = std::max(offset_, size - std::min(size, limits_.tail_bytes));
    run.flush();
    if (from > offset_) run.output("note", fmt::format("{}: {} bytes are left out here\n", name_, from - offset_));
    run.flush();
    for (offset_ = from; offset_ < size;) {
      auto bytes = shim.read_output(which_, offset_, read_bytes);
      if (!bytes || bytes->empty()) break;
      offset_ += bytes->size();
      run.output_to(name_, mender_.feed(*bytes), static_cast<std::int64_t>(offset_ - mender_.held()));
    }
  }
  const std::string text = mender_.finish();
  if (!text.empty()) run.output_to(name_, text, static_cast<std::int64_t>(offset_));
}

TellsDirectory::TellsDirectory(RunContext& run, RunDirectory& directory) : run_(run) {
  run_.on_told([&run, &directory] {
    directory.set_followed({static_cast<std::uint64_t>(run.told("stdout")), static_cast<std::uint64_t>(run.told("stderr"))});
  });
}

Awaitable<json::object> keep_output(RunContext& run, const ShimHandle& shim, OutputStream which, BlobKeeper& keeper) {
  json::object kept;
  kept["bytes"] = static_cast<std::int64_t>(output_size(shim, which));
  const std::string path = output_path(shim, which);
  milliseconds wait = first_wait;
  while (!run.stop().requested()) {
    run.step("storing the output");
    auto id = co_await keeper.keep(run, path);
    if (id) {
      kept["blob"] = *id;
      run.output("note", fmt::format("the whole of {} is blob {}\n", stream_name(which), *id));
      co_return kept;
    }
    if (!may_be_tried_again(id.error().code)) {
      run.output("note", fmt::format("the whole of {} could not be kept: {}\n", stream_name(which), id.error().text()));
      co_return kept;
    }
    const bool rested = co_await sleep_for(wait);
    if (!rested) break;
    wait = std::min(wait * 2, longest_wait);
  }
  co_return kept;
}

}  // namespace flotte::work
