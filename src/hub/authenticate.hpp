// Who asks, and whether they may.
#pragma once
#include <array>
#include <memory>
#include <string>

#include "access/key.hpp"
#include "access/ticket.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "http/server.hpp"
#include "hub/caller.hpp"
#include "hub/router.hpp"
#include "route/accounts.hpp"

namespace flotte::hub {

/// Names the callers of one gateway loop. A key that was right a moment ago is recognised by its text, without hashing it again.
class Authenticator {
 public:
  explicit Authenticator(const access::Tickets& tickets) : tickets_(tickets), keys_(std::make_shared<const access::Keyring>()) {}
  /// The keys from now on. Rings may come in another order than they were read: one with a lower version changes nothing.
  void use(std::shared_ptr<const access::Keyring> keys, std::uint64_t version, std::shared_ptr<const route::Accounts> accounts = nullptr);
  const access::Keyring& keys() const { return *keys_; }

  /// The caller by `Authorization: Bearer`, `x-api-key`, `x-goog-api-key` or the board's cookie. Whether a run still lives is not known
  /// here. Error: unauthenticated.
  Result<std::shared_ptr<const Caller>> authenticate(const http::RequestHead& head);
  /// The caller of a run whose task belongs to `owner`, who pays and whose bounds hold, beside those of its project.
  std::shared_ptr<const Caller> paid_by(std::shared_ptr<const Caller> caller, std::string_view owner,
                                        std::shared_ptr<const std::vector<std::string>> project_providers = nullptr) const;

 private:
  struct Recent {
    Secret text;
    std::shared_ptr<const Caller> caller;
  };
  std::shared_ptr<const Caller> recognise(std::string_view text);
  std::shared_ptr<const Caller> check(std::string_view text) const;
  std::shared_ptr<const Caller> check_session(std::string_view cookie) const;

  const access::Tickets& tickets_;
  std::shared_ptr<const access::Keyring> keys_;
  std::shared_ptr<const route::Accounts> accounts_;  // of those keys; null: nobody pays
  std::uint64_t version_ = 0;
  std::array<Recent, 8> recent_;
  std::size_t oldest_ = 0;
};

/// Errors: forbidden with the scope that is missing, or for a browser's request from another site.
Result<void> authorize(const Caller& caller, Need need, const http::RequestHead& head);
/// False where a browser says that the request comes from a page of another site. Requests without `Origin` come from no page.
bool from_this_site(const http::RequestHead& head);

inline constexpr std::string_view session_cookie = "flotte_session";
/// The value of that cookie, or "".
std::string_view cookie_value(const http::RequestHead& head, std::string_view name);

}  // namespace flotte::hub
