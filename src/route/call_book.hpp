// What a task's runs have asked models so far, and which recorded answer a call may have again. One task; pure: no clock, no rows.
//
// The rule. A call repeats another one when it has the same step and the same request. A run gets, in the order in which they were asked,
// the answers that are recorded for it and that it has not been told yet; where none is left the call is bought. That holds for as long as
// the run repeats what runs before it have asked. The first call of a step that no earlier run has made (or made less often) is a
// *difference*. Once the run has been told its answer, nothing that an earlier run bought in that step is given any more; until then, only
// what the earlier run asked knowing no more of this step than this run knows. So calls that are made beside the one that differs keep
// their answers, and what comes after it is asked anew. The order in which parallel calls arrive does not matter, nor does it matter
// whether a call that was under way when something died is asked again: that is no difference.
//
// What a call costs here does not grow with what the task has asked before, but for calls of the same request.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace flotte::route {

/// What became of a call. The numbers are the table's.
enum class CallState {
  open = 0,      // under way; of an earlier process: nobody knows
  bought = 1,    // its answer is recorded
  replayed = 2,  // it got a recorded answer
  free = 3,      // nobody answered: nothing was bought
  lost = 4,      // asked, but no whole answer was kept: perhaps paid for
};

struct KnownCall {
  std::int64_t place = 0;  // grows within the task in the order of asking; answers that were told share the count
  std::int64_t fence = 0;
  std::string step, request;  // request: a hash
  CallState state = CallState::open;
  std::int64_t answer = 0;   // the place of the call whose answer it got: its own where it was bought; 0: none
  std::int64_t told = 0;     // when its run had the whole answer; 0: not yet
  std::int64_t repeats = 0;  // bought though that one was perhaps paid for; 0: none
  bool left = false;         // nobody waits for its answer any more
};

class CallBook {
 public:
  /// As the table has them, in any order.
  explicit CallBook(std::vector<KnownCall> asks = {});

  struct Opened {
    std::int64_t place = 0;     // of the new call; 0 where it has to wait
    std::int64_t answer = 0;    // replay this one's answer; 0: buy
    std::int64_t repeats = 0;   // see KnownCall
    std::int64_t wait_for = 0;  // an earlier run's call, or one that its client has left, that is still under way: look again when it ends
  };
  /// A call begins. `may_wait` false: it is not asked to wait for others.
  enum class Patience { none, some };
  Opened open(std::int64_t fence, const std::string& step, const std::string& request, Patience patience);

  /// Its answer is recorded, its run has it from now on unless `untold`. Gives `told`.
  std::int64_t bought(std::int64_t place);
  /// The same for an answer that is given again.
  std::int64_t told(std::int64_t place);
  void untold(std::int64_t place);
  /// Ends as `free` or `lost`.
  void ended(std::int64_t place, CallState state);
  void left(std::int64_t place);
  /// It was never made.
  void withdrawn(std::int64_t place);
  /// Its answer cannot be read any more.
  void forgotten(std::int64_t answer);

  const KnownCall* find(std::int64_t place) const;
  /// Of this task, its earlier processes' included.
  std::size_t size() const noexcept { return step_of_.size(); }
  /// Calls of this process that are under way.
  std::size_t under_way() const noexcept { return under_way_; }

 private:
  /// How often a run has asked one request.
  struct Times {
    std::int64_t all = 0;
    std::int64_t brought = 0;  // without those that brought it nothing
  };
  /// All that asks the same in one step.
  struct Same {
    std::vector<std::int64_t> places;     // growing
    std::map<std::int64_t, Times> times;  // by run
  };
  struct Step {
    std::vector<KnownCall> asks;                                  // by place
    std::map<std::int64_t, std::vector<std::int64_t>> differing;  // by run: the places of what no run before it has asked
    // Counted from `asks`, kept by `count`.
    std::unordered_map<std::string, Same> same;                        // by request
    std::map<std::int64_t, std::size_t> runs;                          // how many calls each has made
    std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> has;  // (run, answer) that it was told, or is being given
    std::map<std::int64_t, std::size_t> repeated;                      // places that were bought again
  };
  enum class Count { in, out };
  static void count(Step& step, const KnownCall& ask, Count how);
  template <class F>
  void change(std::int64_t place, F change);
  void add(KnownCall ask);
  const KnownCall* recorded(const Step& step, std::int64_t fence, const std::string& request) const;
  bool told_all_before(const Step& step, std::int64_t fence, const KnownCall& recorded) const;
  bool gets_nothing_older(const Step& step, std::int64_t fence) const;
  static bool has(const Step& step, std::int64_t fence, std::int64_t answer);
  static bool differs(const Step& step, std::int64_t fence, const std::string& request);
  static const KnownCall* at(const Step& step, std::int64_t place);

  std::map<std::string, Step, std::less<>> steps_;
  std::map<std::int64_t, std::string> step_of_;  // by place
  std::int64_t next_ = 1;
  std::size_t under_way_ = 0;
};

}  // namespace flotte::route
