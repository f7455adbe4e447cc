// Flows and projects as they are shown: who shares the fleet, with which weight, and what holds somebody up. Readers only.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/need.hpp"
#include "fleet/shares.hpp"
#include "store/transaction.hpp"

namespace flotte::fleet {

struct FlowView {
  std::string id;  // "f3"
  std::string owner, project, batch;
  Need need;
  double weight = 1, owner_weight = 1, project_weight = 1;
  std::int64_t ready = 0, running = 0;  // `ready` counts up to 10,000
  std::optional<WallTime> oldest;       // since when the first of them is ready
  bool paused = false;
  std::vector<std::string> paused_by;  // batch | person | project
  std::optional<WallTime> out_until;   // its model is not asked until then
  std::string out_why;                 // quota | outage | limits | ramp
  std::string concurrency;             // its key
  int limit = 0, used = 0;             // of that key
  /// running | ready | paused | waiting | idle
  std::string state() const;
  json::object to_json() const;
};

/// A place in the list: by the age of what waits, then by number.
struct FlowPlace {
  std::int64_t since_ms = -1, flow = 0;
  /// As an answer gives it, and back; nothing for another text.
  std::string text() const;
  static std::optional<FlowPlace> parse(std::string_view text);
};
struct FlowFilter {
  std::string owner, project;
  std::size_t limit = 100;  // at most 1000
  FlowPlace after{};
};
struct FlowPage {
  std::vector<FlowView> items;
  std::optional<FlowPlace> next;
};
/// Those that have work, or are paused by a person; the one that waits longest first, those of which nothing waits last. What is handed
/// out meanwhile moves its flow on, so that a later page may have it again; none is left out.
FlowPage list_flows(store::Transaction& rows, const FlowFilter& filter, const Shares& shares);
std::optional<FlowView> show_flow(store::Transaction& rows, std::int64_t flow, const Shares& shares);

struct ProjectView {
  std::string name;
  double weight = 1;
  bool paused = false;
  std::int64_t flows = 0, ready = 0, running = 0;
  json::object to_json() const;
};
/// Those that have work, a weight, or are paused; by name.
std::vector<ProjectView> list_projects(store::Transaction& rows, const Shares& shares);

/// Since when the first ready task of each priority waits.
std::array<std::optional<WallTime>, 10> oldest_ready(store::Transaction& rows);

}  // namespace flotte::fleet
