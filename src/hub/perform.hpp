// A body of the fleet's that is awaited: one transaction of the database, with what the fleet tells and hands out afterwards.
#pragma once
#include <functional>

#include "base/async/answer.hpp"
#include "fleet/fleet.hpp"

namespace flotte::hub {

/// An error that the body returns undoes what it did. On any gateway loop.
template <class T>
Awaitable<Result<T>> perform(fleet::Fleet& fleet, std::function<Result<T>(fleet::Ledger&)> body) {
  std::function<void(std::function<void(Result<T>)>)> start = [&fleet, body = std::move(body)](std::function<void(Result<T>)> done) {
    fleet.act<T>(body, std::move(done));
  };
  return await_answer<Result<T>>(std::move(start));
}

}  // namespace flotte::hub
