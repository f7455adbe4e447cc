// What is known of a call when it is over: for metrics, the flight recorder and the access log.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "dialect/api.hpp"
#include "llm/usage.hpp"
#include "route/table.hpp"

namespace flotte::route {

/// Views hold for the call that hands it over.
struct CallEnd {
  std::string_view request_id, model;  // the name that was asked for
  const Route* route = nullptr;        // null: the name stands for nothing
  const Target* target = nullptr;      // who answered, or was asked last; null: nobody
  dialect::Api api{};
  bool stream = false;
  int status = 0;  // as the client got it; 499: the client left
  llm::Usage usage;
  std::optional<std::int64_t> cost_pico_usd;  // nothing: unknown
  SteadyTime began{}, first_byte{}, ended{};  // first_byte: zero where none came
};

/// The same for the access log, which speaks of a call when its handler has returned. One per loop, overwritten by each call.
struct LastCall {
  std::string request_id, model, target;
  llm::Usage usage;
  void set(const CallEnd& end);
};

}  // namespace flotte::route
