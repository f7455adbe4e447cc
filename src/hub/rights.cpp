// What a caller may set going that somebody else handed in.
#include "hub/rights.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "access/key.hpp"

namespace flotte::hub {

Result<void> may_set_going(const Caller& caller, wire::TaskKind kind) {
  if (caller.commands || (kind != wire::TaskKind::command && kind != wire::TaskKind::agent)) return {};
  return fail(Code::forbidden, "this key may not run commands: it lacks the scope 'commands'", "flotte key add NAME --scope commands");
}

Result<void> may_set_going(const Caller& caller, const fleet::ScheduleView& schedule) {
  // What this version cannot read may be anything.
  if (schedule.what.specs.empty()) return may_set_going(caller, wire::TaskKind::command);
  for (const wire::TaskSpec& spec : schedule.what.specs)
    if (auto good = may_set_going(caller, spec.kind); !good) return good;
  return {};
}

Result<void> may_set_going(const Caller& caller, const std::set<wire::TaskKind>& kinds) {
  for (const wire::TaskKind kind : kinds)
    if (auto good = may_set_going(caller, kind); !good) return good;
  return {};
}

Result<void> check_owner(store::Transaction& rows, const fleet::NewSchedule& schedule) {
  auto keys = access::list_keys(rows);
  if (!keys) return pass(keys);
  const bool live =
      std::any_of(keys->begin(), keys->end(), [&](const access::Key& key) { return key.name == schedule.owner && !key.revoked_at; });
  if (live) return {};
  return fail(Code::conflict, fmt::format("the key {} was removed: nobody would pay for what {} makes", schedule.owner, schedule.name),
              fmt::format("flotte key add {}, or make a schedule of your own", schedule.owner));
}

}  // namespace flotte::hub
