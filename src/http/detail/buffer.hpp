// Bytes that arrive at the end and are taken from the front, in one piece of memory that is reused.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace flotte::http::detail {

class Buffer {
 public:
  std::string_view view() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
  char* data() noexcept { return data_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t capacity() const noexcept { return capacity_; }
  void consume(std::size_t bytes) noexcept { begin_ += std::min(bytes, size()); }
  /// Free memory behind the bytes; what was read into it is added by `commit`.
  std::span<char> room() noexcept { return {data_.get() + end_, capacity_ - end_}; }
  void commit(std::size_t bytes) noexcept { end_ += bytes; }

  /// Makes at least `bytes` of room: moves what is there to the front, or into new memory. Views and rooms given out before are void.
  void make_room(std::size_t bytes) {
    if (capacity_ - end_ >= bytes) return;
    const std::size_t kept = size();
    if (capacity_ - kept >= bytes) {
      if (kept) std::memmove(data_.get(), data_.get() + begin_, kept);
    } else {
      std::size_t capacity = std::max<std::size_t>(capacity_, 4096);
      while (capacity - kept < bytes) capacity *= 2;
      std::unique_ptr<char[]> memory(new char[capacity]);
      if (kept) std::memcpy(memory.get(), data_.get() + begin_, kept);
      data_ = std::move(memory);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = kept;
  }
  /// Gives the memory back where nothing is in it.
  void release() noexcept {
    if (!empty()) return;
    data_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace flotte::http::detail
