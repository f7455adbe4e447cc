// What each call used, on its way from a gateway loop to the database: bounded, one producer (the loop), one consumer (the writer), no
// lock.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "llm/usage.hpp"

namespace flotte::route {

struct UsageRecord {
  std::int64_t at_ms = 0;  // wall time at the end of the call
  std::string key, model;  // key id; the name that was asked for
  std::string target;      // who answered, or was asked last
  std::int64_t task = 0;   // 0: not a task's call
  llm::Usage usage;
  std::int32_t first_ms = -1, total_ms = 0;  // to the first byte of the answer (-1: none came), to its end
  std::int32_t status = 0;                   // as the client got it; 499: the client left
  std::int64_t cost_pico_usd = -1;           // -1: unknown
  // What was taken from the budget of `account` (a key id; empty: `key`) on that day of UTC: the cost, or what is likely where nobody knows
  // it.
  std::string account;
  std::int64_t booked_pico_usd = 0, booked_day = 0;
};

// The padding keeps the two ends on lines of their own.
class UsageRing {  // NOLINT(clang-analyzer-optin.performance.Padding)
 public:
  static constexpr std::size_t capacity = 8192;
  UsageRing() : slots_(std::make_unique<std::array<UsageRecord, capacity>>()) {}

  /// On the producer's thread. Where the ring is full the record is counted as lost instead.
  void push(UsageRecord&& record) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == capacity) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    (*slots_)[tail % capacity] = std::move(record);
    tail_.store(tail + 1, std::memory_order_release);
  }
  /// On the consumer's thread.
  std::optional<UsageRecord> pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<UsageRecord> record(std::move((*slots_)[head % capacity]));
    head_.store(head + 1, std::memory_order_release);
    return record;
  }
  /// Records that found no room since the start. Any thread.
  std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<std::array<UsageRecord, capacity>> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace flotte::route
