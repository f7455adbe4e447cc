// The cockpit's live feed as text.
#include "wire/live.hpp"

namespace flotte::wire {
namespace {
json::array items_of(const std::vector<LiveItem>& items) {
  json::array out;
  for (const LiveItem& item : items) out.push_back(json::object{{"kind", item.kind}, {"id", item.id}, {"value", item.value}});
  return out;
}
}  // namespace

std::string format_snapshot(std::int64_t offset, const json::object& hub, const std::vector<LiveItem>& items) {
  return json::dump(json::object{{"type", "snapshot"}, {"offset", offset}, {"hub", hub}, {"items", items_of(items)}});
}

std::string format_changes(std::int64_t offset, const std::vector<LiveItem>& items) {
  return json::dump(json::object{{"type", "changes"}, {"offset", offset}, {"items", items_of(items)}});
}

}  // namespace flotte::wire
