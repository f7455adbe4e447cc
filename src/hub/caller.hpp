// Who asks: a client key, a run's own key, the board's session, or nobody yet.
#pragma once
#include "route/gateway.hpp"

namespace flotte::hub {

/// Made when a key is first seen on a loop and shared by its calls from then on.
struct Caller {
  route::Caller who;  // `name` is "run" for a run's key
  bool models = false, tasks = false, commands = false, admin = false;
  bool by_cookie = false;  // a browser sent it by itself: state changes need our Origin
};

}  // namespace flotte::hub
