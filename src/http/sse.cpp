// Server-sent events, line by line.
#include "http/sse.hpp"

#include <algorithm>

namespace flotte::http {
namespace {
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\n");
}
}  // namespace

Result<void> SseParser::feed(std::string_view bytes, const Sink& on_event) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() + piece.size() + event_.data.size() > limit_)
      return fail(Code::too_large, "a server-sent event is larger than " + std::to_string(limit_) + " bytes");
    if (end == std::string_view::npos) {
      line_.append(piece);
      return {};
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (line_.empty()) {
      take_line(piece, on_event);
    } else {
      line_.append(piece);
      const std::string line = std::exchange(line_, {});
      take_line(line, on_event);
    }
  }
  return {};
}

void SseParser::take_line(std::string_view line, const Sink& on_event) {
  if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  if (line.empty()) return dispatch(on_event);
  const std::size_t colon = line.find(':');
  if (colon == 0) return;  // a comment
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (name == "event") {
    event_.event = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  }
}

void SseParser::dispatch(const Sink& on_event) {
  // Without a data line there is no event; what else was collected is dropped, as the standard says.
  const bool complete = std::exchange(has_data_, false);
  const SseEvent event = std::exchange(event_, {});
  if (complete) on_event(event);
}

void SseParser::finish(const Sink& on_event) {
  if (!line_.empty()) {
    const std::string line = std::exchange(line_, {});
    take_line(line, on_event);
  }
  dispatch(on_event);
}

bool SseParser::at_boundary() const noexcept { return line_.empty() && !has_data_ && event_.event.empty() && event_.id.empty(); }

std::string format_sse(const SseEvent& event) {
  std::string out;
  if (!event.event.empty()) append_field(out, "event", event.event);
  if (!event.id.empty()) append_field(out, "id", event.id);
  std::string_view rest(event.data);
  for (;;) {
    const std::size_t end = rest.find_first_of("\r\n");
    append_field(out, "data", rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  out += '\n';
  return out;
}

}  // namespace flotte::http
