// A child's output on its way from a pipe to a file of limited size.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/process/spawn.hpp"

namespace flotte {

class ShimOutput {
 public:
  /// What happens when the file has `limit` bytes: the rest is dropped and a line says so, or the file becomes PATH.1 and a new one begins.
  enum class When { full_drop, full_rotate };
  ShimOutput(std::string path, std::uint64_t limit, When when);
  /// The file, and the pipe whose write end the child gets.
  Result<void> open();
  int child_end() const noexcept { return pipe_.write_end.get(); }
  /// After the child was started.
  void close_child_end() { pipe_.write_end.reset(); }
  /// -1 after the end.
  int fd() const noexcept { return pipe_.read_end.get(); }
  /// Takes what is there now, without waiting.
  void pump();
  /// The first reason why the file could not be written, or empty.
  const std::string& trouble() const noexcept { return trouble_; }

 private:
  Result<void> open_file();
  void append(std::string_view bytes);
  void write_file(std::string_view bytes);
  std::string path_;
  std::uint64_t limit_, written_ = 0;
  When when_;
  bool said_full_ = false;
  Pipe pipe_;
  Descriptor file_;
  std::string trouble_;
};

}  // namespace flotte
