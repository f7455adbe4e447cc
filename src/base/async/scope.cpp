// Ownership of spawned coroutines.
#include "base/async/scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/log.hpp"

namespace flotte {

Scope::Scope(Executor executor, std::string name) : state_(std::make_shared<State>(executor, std::move(name))) {}
Scope::~Scope() { cancel(); }

void Scope::spawn(std::string_view what, Awaitable<void> work) {
  if (state_->cancelled) return;
  auto child = state_->children.emplace(state_->children.end());
  child->what = what;
  auto on_end = [state = state_, child](std::exception_ptr failure) {
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted)
          log::error("coroutine failed", {{"scope", state->name}, {"what", child->what}, {"error", e.what()}});
      } catch (const std::exception& e) {
        log::error("coroutine failed", {{"scope", state->name}, {"what", child->what}, {"error", e.what()}});
      }
    }
    state->children.erase(child);
    if (state->children.empty()) state->ended.cancel();
  };
  asio::co_spawn(state_->executor, std::move(work), asio::bind_cancellation_slot(child->signal.slot(), std::move(on_end)));
}

void Scope::cancel() {
  state_->cancelled = true;
  // A handler may end a child while this runs; ends are only ever delivered through the executor, so the list is stable here.
  for (Child& child : state_->children) child.signal.emit(asio::cancellation_type::terminal);
}

Awaitable<void> Scope::close() {
  auto state = state_;
  cancel();
  while (!state->children.empty()) {
    state->ended.expires_at(std::chrono::steady_clock::time_point::max());
    boost::system::error_code ignored;
    co_await state->ended.async_wait(asio::redirect_error(use_awaitable, ignored));
    if (ignored != asio::error::operation_aborted) break;
    // `close` itself may be cancelled from outside: then it must not spin.
    auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) break;
  }
}

}  // namespace flotte
