// A hub on another machine: the one that this shell's commands ask, and the one whose node this machine is. On a loop, with deadlines.
#pragma once
#include <string>

#include "base/async/wait.hpp"
#include "hub/doctor/check.hpp"

namespace flotte::hub {

struct OtherHubs {
  Checks checks;
  bool useful = false;  // there is a hub elsewhere that this machine works with: it needs none of its own
};
/// `data`: DATA, where a node keeps its membership. `own_port`: FLOTTE_URL may name this machine's own hub, which is not asked here.
Awaitable<OtherHubs> check_other_hubs(Executor executor, std::string data, unsigned own_port);

}  // namespace flotte::hub
