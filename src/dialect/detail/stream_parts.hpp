// What the machines of streams have in common. Internal to dialect.
#pragma once
#include <string_view>

#include "dialect/ledger.hpp"
#include "llm/answer.hpp"

namespace flotte::dialect::detail {

/// Takes the data of server-sent events of one format and says what they mean. After `error` or `end` it says nothing more.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  /// One event.
  virtual void on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) = 0;
  /// No more bytes will come.
  virtual void on_close(llm::EventSink& sink) = 0;
};

/// Appends the bytes of one format to `out`.
class StreamWriter : public llm::EventSink {
 public:
  virtual ~StreamWriter() = default;
};

/// Whether the text of a JSON object is complete, told piece by piece.
class ObjectProgress {
 public:
  void feed(std::string_view text) noexcept {
    for (const char c : text) step(c);
  }
  bool complete() const noexcept { return begun_ && depth_ == 0; }

 private:
  void step(char c) noexcept {
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      begun_ = true;
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
  }
  int depth_ = 0;
  bool begun_ = false, in_string_ = false, escaped_ = false;
};

}  // namespace flotte::dialect::detail
