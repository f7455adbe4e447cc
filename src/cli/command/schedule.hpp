// `flotte schedule ...`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/command/task.hpp"
#include "cli/session.hpp"

namespace flotte::cli {

struct ScheduleOptions {
  std::string name, cron, zone;  // zone empty: this machine's
  std::string catch_up = "last", overlap = "run";
  int catch_up_limit = 100;
  bool paused = false;
  TaskRunOptions task;  // what it makes
};
int run_schedule_add(const Common& common, const ScheduleOptions& options);
/// What is not set stays as it is.
struct ScheduleEdit {
  std::string name;
  std::optional<std::string> cron, zone, catch_up, overlap;
  std::optional<int> catch_up_limit;
  std::optional<TaskRunOptions> task;
};
int run_schedule_edit(const Common& common, const ScheduleEdit& edit);
int run_schedule_ls(const Common& common);
int run_schedule_show(const Common& common, const std::string& schedule);
/// `what`: pause, resume, run or rm.
int run_schedule_action(const Common& common, const std::string& schedule, const std::string& what);

/// Name of the zone that this machine's clock on the wall is in, from TZ or /etc/localtime; UTC where neither tells.
std::string local_zone();

}  // namespace flotte::cli
