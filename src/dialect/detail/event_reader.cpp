// Lines, then fields, then events. Source: WHATWG HTML, "server-sent events".
#include "dialect/detail/event_reader.hpp"

namespace flotte::dialect::detail {

bool EventReader::next(std::string_view& bytes) {
  if (ready_) {
    name_.clear();
    data_.clear();
    has_data_ = ready_ = false;
  }
  while (!bytes.empty() && !overflow_) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() + piece.size() + data_.size() > event_limit) {
      overflow_ = true;
      break;
    }
    if (end == std::string_view::npos) {
      line_.append(piece);
      bytes = {};
      return false;
    }
    after_cr_ = bytes[end] == '\r';
    bool complete = false;
    if (line_.empty()) {
      complete = take_line(piece);
    } else {
      line_.append(piece);
      complete = take_line(line_);
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
    if (complete) return true;
  }
  bytes = {};
  return false;
}

bool EventReader::finish() {
  if (ready_ || overflow_) return false;
  if (!line_.empty()) take_line(line_);
  line_.clear();
  ready_ = has_data_;
  return ready_;
}

bool EventReader::take_line(std::string_view line) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (first_line_ && line.starts_with(mark)) line.remove_prefix(mark.size());
  first_line_ = false;
  if (lines_) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) return false;
    data_ = line;
    has_data_ = ready_ = true;
    return true;
  }
  if (line.empty()) {
    ready_ = has_data_;
    if (!ready_) name_.clear();
    return ready_;
  }
  const std::size_t colon = line.find(':');
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  const std::string_view field = line.substr(0, colon);
  if (field == "data" || field == "error") {  // older llama.cpp servers name the field so
    if (has_data_) data_ += '\n';
    data_.append(value);
    has_data_ = true;
    if (field == "error") name_ = "error";
  } else if (field == "event") {
    name_ = value;
  }
  return false;
}

}  // namespace flotte::dialect::detail
