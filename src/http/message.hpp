// Requests and responses as values: heads without bodies. Names compare without case; order and spelling are kept.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flotte::http {

class Headers {
 public:
  /// The first value of that name, or nothing.
  std::optional<std::string_view> get(std::string_view name) const;
  /// Replaces every field of that name.
  void set(std::string_view name, std::string_view value);
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
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
/// True for connection, keep-alive, te, trailer, transfer-encoding, upgrade, proxy-*: never forwarded.
bool hop_by_hop(std::string_view name);

}  // namespace flotte::http
