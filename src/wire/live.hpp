// The cockpit's live feed, /fleet/v1/live: first a snapshot, then changes of single things. One entry = one thing with an id.
//   {"type":"snapshot","offset":7,"hub":{...},"items":[{"kind":"node","id":"n1","value":{...}}, ...]}
//   {"type":"changes","offset":8,"items":[{"kind":"worker","id":"reader@box","value":{...}}, {"kind":"task","id":"t3","value":null}]}
// value null = gone. Kinds: node, worker, batch, task (tasks that run, or ended within the last minute), counts (id "fleet").
#pragma once
#include <string>
#include <vector>

#include "base/json.hpp"

namespace flotte::wire {

struct LiveItem {
  std::string kind, id;
  json::value value;
};
std::string format_snapshot(std::int64_t offset, const json::object& hub, const std::vector<LiveItem>& items);
std::string format_changes(std::int64_t offset, const std::vector<LiveItem>& items);

}  // namespace flotte::wire
