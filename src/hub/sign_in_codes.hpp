// One-time codes with which a browser signs in (`URL/#code=…`). In memory: a restart ends them.
#pragma once
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"

namespace flotte::hub {

class SignInCodes {
 public:
  static constexpr std::chrono::minutes lifetime{10};
  static constexpr std::size_t limit = 1000;

  /// A code that stands for that client key, once.
  std::string make(const std::string& key_id, WallTime now);
  /// The client key's id, or "" for a code that is unknown, used or too old.
  std::string use(const std::string& code, WallTime now);

 private:
  struct Code {
    std::string key_id;
    WallTime ends_at;
  };
  std::mutex mutex_;
  std::map<std::string, Code> codes_;  // by the code's SHA-256, so that finding one takes the same time for every guess
};

}  // namespace flotte::hub
