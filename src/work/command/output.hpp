// A command's output on its way from the shim's files to the task's log, and as a whole to where it is kept. A short one goes into the log
// as it is; of a long one the log has the beginning and the end, and the result names a blob that has everything.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/process/shim.hpp"
#include "work/blob_keeper.hpp"
#include "work/command/run_directory.hpp"
#include "work/run_context.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {

struct OutputLimits {
  std::uint64_t head_bytes = 4 * 1024 * 1024;  // of each stream go into the log as they come
  std::uint64_t tail_bytes = 64 * 1024;        // and its last ones, where it was longer
};

/// One stream.
class Following {
 public:
  /// From where an earlier process was.
  Following(OutputStream which, const RunContext& run, OutputLimits limits);
  /// Takes what is there, at most so much that others have their turn; true where there is more.
  bool take(const ShimHandle& shim, RunContext& run);
  /// The stream is complete and `take` has nothing more: its end, where the middle was left out.
  void finish(const ShimHandle& shim, RunContext& run);

 private:
  void leave_out(const ShimHandle& shim, RunContext& run);
  OutputStream which_;
  std::string_view name_;
  OutputLimits limits_;
  std::uint64_t offset_;
  bool noted_ = false;  // that the log goes on with the end
  Utf8Mender mender_;
};

/// Whenever output was told, the directory says how much: for a process that takes over when the spool does not hold it any more.
class TellsDirectory {
 public:
  TellsDirectory(RunContext& run, RunDirectory& directory);
  ~TellsDirectory() { run_.on_told({}); }
  TellsDirectory(const TellsDirectory&) = delete;
  TellsDirectory& operator=(const TellsDirectory&) = delete;

 private:
  RunContext& run_;
};

/// "stdout" or "stderr", as in the log.
std::string_view stream_name(OutputStream which) noexcept;
/// How many bytes of a stream are kept in its file; 0 where there is none.
std::uint64_t output_size(const ShimHandle& shim, OutputStream which);
std::string output_path(const ShimHandle& shim, OutputStream which);

/// Keeps a long stream as a whole: {blob, bytes}. Tries for as long as the hub is away and nobody stops the run; what cannot be kept is
/// said in the log, and the answer is then without a blob.
Awaitable<json::object> keep_output(RunContext& run, const ShimHandle& shim, OutputStream which, BlobKeeper& keeper);

/// How much of each stream a run may keep: what is asked for, but no more than an eighth of what the disk has left, at least a little.
std::uint64_t affordable_output(const std::string& directory, std::uint64_t wanted);

}  // namespace flotte::work
