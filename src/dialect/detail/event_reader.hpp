// Server-sent events of a provider, from bytes in any pieces. As lenient as clients are: LF, CR, CRLF, fields without the blank, several
// data lines, comments, a byte-order mark, a last event without its blank line. Internal to dialect.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace flotte::dialect::detail {

class EventReader {
 public:
  /// An event over it ends the stream: `overflow()`.
  static constexpr std::size_t event_limit = std::size_t{16} * 1024 * 1024;

  /// From now on each line that is not blank is an event without a name (newline-delimited JSON).
  void use_lines(bool lines) noexcept { lines_ = lines; }
  /// Takes from `bytes` up to the end of the next event. True: `name()` and `data()` are that event, and `bytes` is what follows it. False:
  /// all bytes were taken and none is complete.
  bool next(std::string_view& bytes);
  /// The stream has ended: true where an event was waiting for its blank line.
  bool finish();
  const std::string& name() const noexcept { return name_; }
  const std::string& data() const noexcept { return data_; }
  bool overflow() const noexcept { return overflow_; }

 private:
  bool take_line(std::string_view line);
  std::string line_, name_, data_;
  bool has_data_ = false, after_cr_ = false, ready_ = false, overflow_ = false, first_line_ = true, lines_ = false;
};

}  // namespace flotte::dialect::detail
