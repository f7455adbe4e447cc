// One-time codes for browsers.
#include "hub/sign_in_codes.hpp"

#include "base/crypto.hpp"

namespace flotte::hub {

std::string SignInCodes::make(const std::string& key_id, WallTime now) {
  const std::string code = random_token(16);
  std::lock_guard lock(mutex_);
  std::erase_if(codes_, [now](const auto& entry) { return entry.second.ends_at <= now; });
  if (codes_.size() >= limit) codes_.erase(codes_.begin());
  codes_[sha256(code)] = {key_id, now + lifetime};
  return code;
}

std::string SignInCodes::use(const std::string& code, WallTime now) {
  std::lock_guard lock(mutex_);
  const auto it = codes_.find(sha256(code));
  if (it == codes_.end()) return {};
  const Code found = it->second;
  codes_.erase(it);
  return found.ends_at > now ? found.key_id : std::string();
}

}  // namespace flotte::hub
