// Requests and responses as values: heads without bodies. Names compare without case; order and spelling are kept.
#pragma once
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flotte::http {

/// Fields in one block of text, so that a head costs two allocations at most and none when it is reused. Views from it hold until the next
/// change. CR, LF and NUL in names and values become spaces: a value can never add a field.
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;
  class Iterator {
   public:
    using value_type = Field;
    using reference = const Field&;
    using pointer = const Field*;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    Iterator(const Headers* headers, std::size_t index) : headers_(headers), index_(index) { load(); }
    reference operator*() const { return field_; }
    pointer operator->() const { return &field_; }
    Iterator& operator++() {
      ++index_;
      load();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    void load() {
      if (index_ < headers_->spans_.size()) field_ = headers_->field(index_);
    }
    const Headers* headers_;
    std::size_t index_;
    Field field_;
  };

  /// The first value of that name, or nothing.
  std::optional<std::string_view> get(std::string_view name) const;
  /// Replaces every field of that name.
  void set(std::string_view name, std::string_view value);
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void clear() noexcept;
  /// Memory for that many bytes of names and values, and that many fields.
  void reserve(std::size_t bytes, std::size_t fields);
  /// For parsers, which have looked at every character already: `add` without looking again.
  void add_checked(std::string_view name, std::string_view value);
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, spans_.size()}; }
  std::size_t size() const noexcept { return spans_.size(); }
  bool empty() const noexcept { return spans_.empty(); }

 private:
  struct Span {
    std::uint32_t name, name_size, value, value_size;
  };
  Field field(std::size_t index) const {
    const Span& s = spans_[index];
    return {{text_.data() + s.name, s.name_size}, {text_.data() + s.value, s.value_size}};
  }
  Span store(std::string_view name, std::string_view value);
  std::string text_;
  std::vector<Span> spans_;
};

struct RequestHead {
  std::string method;  // upper case
  std::string target;  // as sent: path and query, percent-encoded
  Headers headers;
  /// The target up to '?', as sent (still percent-encoded).
  std::string_view path() const;
  /// The decoded value of a query parameter, or nothing.
  std::optional<std::string> query(std::string_view name) const;
};

struct ResponseHead {
  int status = 200;
  Headers headers;
};

struct Response {
  ResponseHead head;
  std::string body;
  static Response json(int status, std::string body);
  static Response text(int status, std::string body);
};

/// Standard reason phrase, or "" for an unknown status.
std::string_view reason_phrase(int status);
/// "%2F" and "+" decoding of one path segment or form value; nothing where the encoding is broken.
std::optional<std::string> percent_decode(std::string_view text);
std::string percent_encode(std::string_view text);
/// Equal without case (ASCII).
bool same_name(std::string_view a, std::string_view b) noexcept;
/// True for connection, keep-alive, te, trailer, transfer-encoding, upgrade, proxy-*: never forwarded.
bool hop_by_hop(std::string_view name);

}  // namespace flotte::http
