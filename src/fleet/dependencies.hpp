// What tasks wait for: other tasks and batches. An edge per pair; whatever ends appends one row, and the tick folds those rows into the
// tasks that waited, in bounded steps. No row of a parent is ever counted up or down, so that ten thousand children cost it nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/ledger.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

/// A task (`batch` false) or a batch that others may wait for.
struct Awaited {
  bool batch = false;
  std::int64_t id = 0;
  auto operator<=>(const Awaited&) const = default;
};

/// Of one submission to a batch: what is known not to wait for that batch in its turn.
using KnownToBeFree = std::set<Awaited>;

/// Writes the ids of `spec.depends_on` as they are stored: items of the batch ("#7") and tasks that were tried again become the newest
/// task. `batch`: of which the task will be an item, 0: none. Errors: invalid_argument (there is no such task, batch or item; a cycle; the
/// check for one takes too long).
Result<void> resolve_dependencies(Ledger& ledger, wire::TaskSpec& spec, std::int64_t batch, KnownToBeFree& free);

/// Writes the edges of a task whose row is there. True: it waits for them (it is deferred with reason `dependency`).
bool hold_for_dependencies(Ledger& ledger, std::int64_t task, std::int64_t batch, const wire::TaskSpec& spec);

/// That task has ended. One probe of an index where nobody waits for it.
void note_task_end(Ledger& ledger, std::int64_t task);
/// The same of a batch, where it has ended.
void note_batch_end(Ledger& ledger, std::int64_t batch);

/// Tasks that wait for nothing any more become ready; those whose dependency failed are cancelled, unless they run anyway. At most about
/// `limit` edges; true while there is more to do.
bool fold_dependencies(Ledger& ledger, std::int64_t limit = 500);

/// One entry of `depends_on` as it stands.
struct DependencyState {
  std::string id, state;  // of a batch: open, running, done, cancelled
  bool ended = false, good = false;
};
DependencyState dependency_state(store::Transaction& rows, std::string_view id);
/// What a task still waits for: how many, and the first few of them.
struct OpenDependencies {
  std::int64_t count = 0;
  std::vector<DependencyState> first;
};
OpenDependencies open_dependencies(store::Transaction& rows, std::int64_t task);
/// The first entry of a task's `depends_on` that ended badly, if one did.
std::optional<DependencyState> failed_dependency(store::Transaction& rows, std::int64_t task);

/// Replaces `{{after.N}}` in the texts of the input by the text of the Nth dependency, from 1, and `{{after}}` by all of them; only where
/// the task has dependencies. A batch's text is that of its items, in their order. Errors: too_large (over a megabyte), invalid_argument
/// (there is no Nth), those of `read_text`.
Result<void> fill_in_dependencies(Ledger& ledger, wire::TaskSpec& spec);

}  // namespace flotte::fleet
