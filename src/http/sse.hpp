// Server-sent events: a parser for bytes that arrive in any pieces, and a writer. Pure.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::http {

struct SseEvent {
  std::string event;  // empty: "message"
  std::string data;   // several data lines joined by '\n'
  std::string id;
};

/// LF, CR and CRLF, fields with or without the space, comments, a byte-order mark. Source: WHATWG HTML, "server-sent events".
class SseParser {
 public:
  explicit SseParser(std::size_t event_limit = 16 * 1024 * 1024) : limit_(event_limit) {}
  /// Calls `on_event` for each event that is complete. Error: too_large.
  Result<void> feed(std::string_view bytes, const std::function<void(const SseEvent&)>& on_event);
  /// An event without its blank line at the end of the stream (providers do that).
  void finish(const std::function<void(const SseEvent&)>& on_event);
  /// True between events: a comment may be inserted here.
  bool at_boundary() const noexcept;

 private:
  using Sink = std::function<void(const SseEvent&)>;
  void take_line(std::string_view line, const Sink& on_event);
  void dispatch(const Sink& on_event);
  std::size_t limit_;
  std::string line_;  // the beginning of a line whose end has not come
  SseEvent event_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool first_line_ = true;
};

/// "event: x\ndata: ...\n\n".
std::string format_sse(const SseEvent& event);

}  // namespace flotte::http
