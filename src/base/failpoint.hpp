// Failpoints: named places where an experiment makes this process die, stop, wait or fail. Only in the flavours for developers; in release
// every call here is an empty inline function and no name is in the binary.
//
//   FLOTTE_FAIL=claim.after_commit:kill9@3,store.commit:delay:200
//
// NAME:ACTION[@WHEN], several separated by commas. ACTION: kill9 | stop (SIGSTOP) | delay:MILLISECONDS | error (where the place can fail) |
// on (planted bugs). WHEN counts from 1 how often the place was reached: N, N+ (from then on) or N-M; default: 1 for kill9 and stop, else
// always. A restarted process counts anew.
#pragma once
#include <optional>
#include <string>

#include "base/error.hpp"

#ifndef FLOTTE_FAILPOINTS
#define FLOTTE_FAILPOINTS 1  // release is compiled with 0
#endif

namespace flotte {

/// In the order of the table in failpoint.cpp, which says where each one is.
enum class Failpoint {
  submit_before_commit,
  submit_after_commit,
  claim_before_commit,
  claim_after_commit,
  complete_before_commit,
  complete_after_commit,
  rescue_before_commit,
  journal_before_record,
  journal_after_record,
  step_before_record,
  step_after_record,
  blob_write,
  blob_finish,
  store_commit,
  node_before_accept,
  node_after_accept,
  node_before_report,
  spool_append,
  spool_sync,
  plant_no_fence,
  plant_count_then_claim,
  plant_no_grace,
};
inline constexpr int failpoint_count = 22;

namespace failpoint {

#if FLOTTE_FAILPOINTS
inline namespace present {
inline constexpr bool compiled = true;
/// What is to happen where; replaces what was chosen before, empty: nothing. Before the first thread, or on the only one. Error:
/// invalid_argument with the list of names.
Result<void> choose(const std::string& text);
/// The same by FLOTTE_FAIL, which is then taken out of the environment: children are not meant.
Result<void> choose_by_environment();
/// This place is reached. Does what was chosen: may not return.
void reach(Failpoint point);
/// The same for a place that can fail: the failure that was chosen, if any.
std::optional<Error> failure(Failpoint point);
/// Whether that bug is planted.
bool planted(Failpoint point);
}  // namespace present
#else
inline namespace absent {
inline constexpr bool compiled = false;
/// Error: unsupported where FLOTTE_FAIL is set, so that nobody believes in an experiment that did not happen.
Result<void> choose_by_environment();
constexpr void reach(Failpoint) noexcept {}
constexpr std::optional<Error> failure(Failpoint) noexcept { return std::nullopt; }
constexpr bool planted(Failpoint) noexcept { return false; }
}  // namespace absent
#endif

}  // namespace failpoint
}  // namespace flotte
