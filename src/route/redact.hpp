// Keys taken out of what is kept for people to read: paths, heads, bodies.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace flotte::route {

inline constexpr std::string_view redacted = "[redacted]";

/// Appends a request's target without the key in "/k/KEY/..." and without the value of the query's `key`.
void append_redacted_target(std::string& out, std::string_view target);
/// Fields whose values are never kept: credentials and cookies, by their known names and by how such names end.
bool is_secret_header(std::string_view name) noexcept;
/// What looks like a key (flotte's own, OpenAI's, Anthropic's, Google's, Groq's; also one that the end of the text cuts off) and every one
/// of `secrets`, wherever it stands.
std::string redact_text(std::string_view text, std::span<const std::string> secrets = {});

}  // namespace flotte::route
