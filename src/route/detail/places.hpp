// Memory for objects of one kind that come and go all the time: kept for the next one, because they are too large for what the allocator
// has at hand. Internal to route; used on one loop.
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace flotte::route::detail {

template <class T>
class Places {
 public:
  /// So many places are kept while nobody is in them.
  static constexpr std::size_t kept_limit = 256;
  Places() { free_.reserve(kept_limit); }

  struct Leave {
    Places* places;
    void operator()(T* object) const noexcept {
      object->~T();
      places->give_back(reinterpret_cast<Place*>(object));
    }
  };
  /// The object must not outlive this.
  using Held = std::unique_ptr<T, Leave>;

  template <class... Arguments>
  Held make(Arguments&&... arguments) {
    std::unique_ptr<Place> place = free_.empty() ? std::make_unique<Place>() : std::move(free_.back());
    if (!free_.empty()) free_.pop_back();
    T* object = ::new (static_cast<void*>(place->bytes)) T(std::forward<Arguments>(arguments)...);
    (void)place.release();
    return Held(object, Leave{this});
  }

 private:
  struct Place {
    alignas(T) std::byte bytes[sizeof(T)];
  };
  void give_back(Place* place) noexcept {
    std::unique_ptr<Place> owned(place);
    if (free_.size() < kept_limit) free_.push_back(std::move(owned));
  }
  std::vector<std::unique_ptr<Place>> free_;
};

}  // namespace flotte::route::detail
