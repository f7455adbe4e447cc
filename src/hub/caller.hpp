// Who asks: a client key, a run's own key, the board's session, or nobody yet.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flotte::hub {

struct Caller {
  std::string key_id, name;   // of the key; "run" for a run's key
  bool models = false, tasks = false, commands = false, admin = false;
  bool by_cookie = false;     // a browser sent it by itself: state changes need our Origin
  std::int64_t task = 0, fence = 0;  // of a run's key
  std::shared_ptr<const std::vector<std::string>> allowed_models;  // null: all
};

}  // namespace flotte::hub
