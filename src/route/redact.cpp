// The forms that keys have.
#include "route/redact.hpp"

#include <algorithm>
#include <array>

#include "http/message.hpp"

namespace flotte::route {
namespace {

/// Shorter ones are words of a text rather than keys.
constexpr std::size_t shortest_secret = 8;

struct KeyForm {
  std::string_view prefix;
  std::size_t least;  // characters behind the prefix
};
constexpr std::array<KeyForm, 6> key_forms{{{"fk_", 20}, {"fr_", 20}, {"sk-", 16}, {"AIza", 30}, {"gsk_", 20}, {"xai-", 20}}};

constexpr std::array<std::string_view, 4> secret_names{"authorization", "proxy-authorization", "cookie", "set-cookie"};
constexpr std::array<std::string_view, 6> secret_endings{"-authorization", "api-key", "-token", "-secret", "-password", "-access-key"};

bool is_key_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_word_character(char c) noexcept { return is_key_character(c) && c != '-'; }

/// The size of the key that begins at `at`, or 0. At the end of the text a shorter one counts too: it may have been cut.
std::size_t key_at(std::string_view text, std::size_t at) noexcept {
  for (const KeyForm& form : key_forms) {
    if (!text.substr(at).starts_with(form.prefix)) continue;
    std::size_t end = at + form.prefix.size();
    while (end < text.size() && is_key_character(text[end])) ++end;
    const bool whole = end - at - form.prefix.size() >= form.least, cut = end == text.size();
    if (whole || cut) return end - at;
  }
  return 0;
}

std::size_t secret_at(std::string_view text, std::size_t at, std::span<const std::string> secrets) noexcept {
  const std::string_view rest = text.substr(at);
  for (const std::string& secret : secrets) {
    if (secret.size() < shortest_secret || rest.empty() || rest.front() != secret.front()) continue;
    if (rest.starts_with(secret)) return secret.size();
    // The end of what was kept may lie within it.
    if (rest.size() >= 4 && rest.size() < secret.size() && std::string_view(secret).starts_with(rest)) return rest.size();
  }
  return 0;
}

bool is_key_parameter(std::string_view pair) {
  const std::string_view name = pair.substr(0, pair.find('='));
  return name == "key" || http::percent_decode(name).value_or("") == "key";
}

}  // namespace

void append_redacted_target(std::string& out, std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, question);
  if (path.starts_with("/k/")) {
    const std::size_t slash = std::min(path.find('/', 3), path.size());
    out.append("/k/").append(redacted);
    path.remove_prefix(slash);
  }
  out.append(path);
  if (question == target.size()) return;
  std::string_view query = target.substr(question + 1);
  char separator = '?';
  for (bool more = true; more;) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    more = end < query.size();
    query.remove_prefix(std::min(end + 1, query.size()));
    out += separator;
    separator = '&';
    if (is_key_parameter(pair))
      out.append("key=").append(redacted);
    else
      out.append(pair);
  }
}

bool is_secret_header(std::string_view name) noexcept {
  // Every field of every call passes here, and hardly any is one: the last letter decides for most.
  if (name.empty()) return false;
  const char last = static_cast<char>(name.back() | 0x20);
  const auto ends_with = [name, last](std::string_view ending) {
    return ending.back() == last && name.size() >= ending.size() && http::same_name(name.substr(name.size() - ending.size()), ending);
  };
  const auto is = [name](std::string_view known) { return name.size() == known.size() && http::same_name(name, known); };
  return std::any_of(secret_names.begin(), secret_names.end(), is) || std::any_of(secret_endings.begin(), secret_endings.end(), ends_with);
}

std::string redact_text(std::string_view text, std::span<const std::string> secrets) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = secret_at(text, at, secrets);
    if (size == 0 && (at == 0 || !is_word_character(text[at - 1]))) size = key_at(text, at);
    if (size == 0) {
      ++at;
      continue;
    }
    out.append(text.substr(done, at - done)).append(redacted);
    at += size;
    done = at;
  }
  out.append(text.substr(done));
  return out;
}

}  // namespace flotte::route
