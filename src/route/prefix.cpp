// Walks over the top-level members of a request, then over the elements of its list of messages.
#include "route/prefix.hpp"

#include <cstring>

#include "dialect/scan.hpp"

namespace flotte::route {
namespace {

constexpr std::size_t block = 1024;
constexpr std::uint64_t odd_a = 0xA076'1D64'78BD'642FULL, odd_b = 0xE703'7ED1'A0B4'28DBULL;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The end of the JSON value at `at` in valid JSON.
std::size_t end_of_value(std::string_view text, std::size_t at) noexcept {
  std::size_t depth = 0;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
    } else if (c == ',' && depth == 0) {
      return at;
    }
  }
  return text.size();
}

void add_messages(std::string_view list, std::uint64_t hash, Prefixes& into) noexcept {
  std::size_t length = 0;
  for (std::size_t at = 1; at < list.size();) {
    while (at < list.size() && (list[at] == ' ' || list[at] == '\t' || list[at] == '\r' || list[at] == '\n' || list[at] == ',')) ++at;
    const std::size_t end = end_of_value(list, at);
    if (end == at) return;
    hash = hash_bytes(list.substr(at, end - at), hash);
    into.add(hash, ++length);
    at = end;
  }
}

void add_text(std::string_view text, std::uint64_t hash, Prefixes& into) noexcept {
  std::size_t length = 0;
  while (text.size() >= block || (length == 0 && !text.empty())) {
    hash = hash_bytes(text.substr(0, block), hash);
    text.remove_prefix(std::min(text.size(), block));
    into.add(hash, ++length);
  }
}

bool is_system(const dialect::Member& member) noexcept {
  return member.is("system") || member.is("instructions") || member.is("systemInstruction") || member.is("system_instruction");
}
bool is_messages(const dialect::Member& member) noexcept {
  return member.is("messages") || member.is("input") || member.is("contents") || member.is("prompt");
}

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) noexcept {
  std::uint64_t hash = mix(seed ^ odd_a, bytes.size() ^ odd_b);
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 16; left -= 16, at += 16) {
    std::uint64_t words[2];
    std::memcpy(words, at, 16);
    hash = mix(words[0] ^ hash ^ odd_a, words[1] ^ odd_b);
  }
  std::uint64_t words[2] = {0, 0};
  if (left > 0) std::memcpy(words, at, left);
  return mix(words[0] ^ hash ^ odd_b, words[1] ^ odd_a);
}

void Prefixes::add(std::uint64_t hash, std::size_t length) noexcept {
  if (length <= 1) first_ = hash;
  late_[count_++ % late] = hash;
  if ((length & (length - 1)) == 0 && early_count_ < early) early_[early_count_++] = hash;
}

Prefixes read_prefixes(std::string_view body, std::uint64_t seed) noexcept {
  dialect::Members members(body);
  dialect::Member member;
  std::string_view system, tools, messages;
  bool list = false;
  while (members.next(member)) {
    const std::string_view value = member.value.of(body);
    if (is_system(member)) system = value;
    if (member.is("tools")) tools = value;
    if (is_messages(member) && (member.kind == dialect::Kind::array || member.kind == dialect::Kind::string)) {
      messages = value;
      list = member.kind == dialect::Kind::array;
    }
  }
  Prefixes prefixes;
  if (!members.ok() || messages.size() <= 2) return prefixes;
  std::uint64_t hash = hash_bytes(tools, hash_bytes(system, seed));
  // Without either it is nothing that anybody shares.
  if (!system.empty() || !tools.empty()) prefixes.add(hash, 0);
  if (list)
    add_messages(messages, hash, prefixes);
  else
    add_text(messages.substr(1, messages.size() - 2), hash, prefixes);
  return prefixes;
}

}  // namespace flotte::route
