// The order of turns on one level of the scheduler: kept between plannings, and walked in one. Pure.
#pragma once
#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

namespace flotte::fleet::detail {

/// Where somebody stands. `Item` is the entry of a map: its `first` is its name.
template <class Item>
struct Rank {
  double finish = 0;          // virtual time at which its last start is paid for
  std::uint64_t started = 0;  // order of starts; among equals the one that waited longer goes first
  const Item* item = nullptr;
};

struct Earlier {
  template <class Item>
  bool operator()(const Rank<Item>& a, const Rank<Item>& b) const {
    return std::tie(a.finish, a.started, a.item->first) < std::tie(b.finish, b.started, b.item->first);
  }
};

template <class Item>
using Ranks = std::set<Rank<Item>, Earlier>;

/// The turns of one planning. What it costs grows with the turns that are taken, not with those who wait for theirs.
template <class Item>
class Turns {
 public:
  /// `ranks` must outlive it and stay as they are. Who was idle begins at `now`.
  Turns(const Ranks<Item>& ranks, double now) : next_(ranks.begin()), end_(ranks.end()), now_(now) {}

  bool empty() const noexcept { return next_ == end_ && served_.empty(); }
  const Item& first() const { return served_is_first() ? *served_.front().item : *next_->item; }
  /// The first has had its turn: the next one is `cost` later.
  void serve(double cost, std::uint64_t order) {
    const Rank<Item> turn = take();
    served_.push_back({std::max(now_, turn.finish) + cost, order, turn.item});
    std::push_heap(served_.begin(), served_.end(), later);
  }
  /// The first has no other turn.
  void drop() { take(); }

 private:
  static bool later(const Rank<Item>& a, const Rank<Item>& b) { return Earlier()(b, a); }
  bool served_is_first() const {
    if (served_.empty() || next_ == end_) return next_ == end_;
    return served_.front().finish < std::max(now_, next_->finish);
  }
  Rank<Item> take() {
    if (!served_is_first()) return *next_++;
    std::pop_heap(served_.begin(), served_.end(), later);
    const Rank<Item> turn = served_.back();
    served_.pop_back();
    return turn;
  }

  typename Ranks<Item>::const_iterator next_, end_;  // those without a turn in this planning so far
  double now_;
  std::vector<Rank<Item>> served_;  // a heap: the first is at the front
};

}  // namespace flotte::fleet::detail
