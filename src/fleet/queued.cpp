// The newest queued tasks.
#include "fleet/queued.hpp"

#include <algorithm>

namespace flotte::fleet {
namespace {
constexpr std::size_t first_look = 4, read_ahead = 64;

bool wanted(store::Transaction& rows, std::int64_t flow, const QueuedOf& of) {
  const auto row = rows.one("SELECT owner, project, kind FROM flow WHERE id = ? AND paused = 0 AND out_until = 0", flow);
  return row && (of.owner.empty() || row->text(0) == of.owner) && (of.project.empty() || row->text(1) == of.project) &&
         (!of.kind || row->integer(2) == *of.kind);
}
}  // namespace

QueuedWalk::QueuedWalk(store::Transaction& rows, const QueuedOf& of, std::int64_t before) : rows_(rows) {
  // From one (flow, priority) to the next by their order, past all of its tasks.
  std::int64_t flow = -1, priority = 0;
  bool take = false;
  for (;;) {
    auto row = rows.one("SELECT flow, priority FROM ready WHERE flow = ? AND priority > ? ORDER BY flow, priority LIMIT 1", flow, priority);
    if (!row) row = rows.one("SELECT flow, priority FROM ready WHERE flow > ? ORDER BY flow, priority LIMIT 1", flow);
    if (!row) break;
    if (row->integer(0) != flow) take = wanted(rows, row->integer(0), of);
    flow = row->integer(0);
    // Where nothing of the flow is wanted its other priorities are none either.
    priority = take ? row->integer(1) : INT64_MAX;
    if (!take) continue;
    Line line{flow, priority};
    if (read_on(line, before, first_look)) lines_.push_back(std::move(line));
  }
  std::make_heap(lines_.begin(), lines_.end(), older);
}

bool QueuedWalk::read_on(Line& line, std::int64_t before, std::size_t count) {
  const store::Rows found = rows_.query("SELECT task FROM ready WHERE flow = ? AND priority = ? AND task < ? ORDER BY task DESC LIMIT ?",
                                        line.flow, line.priority, before, count);
  for (auto row = found.rbegin(); row != found.rend(); ++row) line.tasks.push_back(row->integer(0));
  return !line.tasks.empty();
}

std::optional<std::int64_t> QueuedWalk::next() {
  if (lines_.empty()) return std::nullopt;
  std::pop_heap(lines_.begin(), lines_.end(), older);
  Line& line = lines_.back();
  const std::int64_t task = line.tasks.back();
  line.tasks.pop_back();
  if (!line.tasks.empty() || read_on(line, task, read_ahead))
    std::push_heap(lines_.begin(), lines_.end(), older);
  else
    lines_.pop_back();
  return task;
}

}  // namespace flotte::fleet
