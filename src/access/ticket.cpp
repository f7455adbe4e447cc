// Making and checking computed credentials.
#include "access/ticket.hpp"

#include <array>

#include "base/crypto.hpp"
#include "base/file.hpp"

namespace flotte::access {
namespace {

constexpr std::size_t mac_bytes = 20;

void put64(std::string& out, std::int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xff);
}

std::int64_t get64(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

}  // namespace

Result<Tickets> Tickets::load(const std::string& path) {
  auto text = read_file(path, 4096);
  if (!text && text.error().code == Code::not_found) {
    const std::string fresh = random_token(32);
    if (auto written = replace_file(path, fresh + "\n", 0600); !written) return pass(written);
    return Tickets(Secret(fresh));
  }
  if (!text) return pass(text);
  while (!text->empty() && text->back() == '\n') text->pop_back();
  if (text->size() < 32)
    return fail(Code::corrupt, path + " is too short to be a secret",
                "remove it: sessions end, and keys of providers that were added here must be given again");
  return Tickets(Secret(std::move(*text)));
}

std::string Tickets::mac(std::string_view purpose, std::string_view body) const {
  std::string text(purpose);
  text += '\0';
  text += body;
  return hmac_sha256(secret_.reveal(), text).substr(0, mac_bytes);
}

std::string Tickets::seal(std::string_view prefix, std::string_view body) const {
  return std::string(prefix) + to_base64url(std::string(body) + mac(prefix, body));
}

std::optional<std::string> Tickets::open(std::string_view prefix, std::string_view text) const {
  if (!text.starts_with(prefix)) return std::nullopt;
  auto bytes = from_base64url(text.substr(prefix.size()));
  if (!bytes || bytes->size() <= mac_bytes) return std::nullopt;
  const std::string_view body = std::string_view(*bytes).substr(0, bytes->size() - mac_bytes);
  if (!equal_secrets(std::string_view(*bytes).substr(body.size()), mac(prefix, body))) return std::nullopt;
  return std::string(body);
}

std::string Tickets::derived_key(std::string_view purpose) const {
  return hmac_sha256(secret_.reveal(), std::string("derive") + '\0' + std::string(purpose));
}

std::string Tickets::run_key(const RunKey& run) const {
  std::string body;
  put64(body, run.task);
  put64(body, run.fence);
  return seal("fr_", body);
}

std::optional<RunKey> Tickets::parse_run_key(std::string_view text) const {
  const auto body = open("fr_", text);
  if (!body || body->size() != 16) return std::nullopt;
  return RunKey{get64(*body), get64(std::string_view(*body).substr(8))};
}

std::string Tickets::session(const Session& session) const {
  std::string body;
  put64(body, to_ms(session.ends_at));
  body += session.key_id;
  return seal("fs_", body);
}

std::optional<Session> Tickets::parse_session(std::string_view text, WallTime now) const {
  const auto body = open("fs_", text);
  if (!body || body->size() < 9) return std::nullopt;
  Session session{body->substr(8), from_ms(get64(*body))};
  if (session.ends_at <= now) return std::nullopt;
  return session;
}

}  // namespace flotte::access
