// What the flight recorder, the metrics and the access log see of one call. Without a recorder each of its functions is one comparison.
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "http/client.hpp"
#include "route/call_end.hpp"
#include "route/detail/watched_call.hpp"
#include "route/gateway.hpp"
#include "route/plan.hpp"

namespace flotte::route::detail {

struct GatewayState;

/// Lives as long as the exchange that it watches.
class Sighting {
 public:
  Sighting(GatewayState& state, http::ServerCall& call, const Caller& caller, dialect::Api api, std::string_view request_id);
  ~Sighting();
  Sighting(const Sighting&) = delete;
  Sighting& operator=(const Sighting&) = delete;

  /// The client's side: the call itself, or one that is watched.
  http::ServerCall& call() noexcept { return watched_ ? *watched_ : call_; }

  /// The request is read and `route` is what its model stands for.
  /// `tried`: those that do not speak what the client speaks.
  void on_request(std::string_view model, const Route& route, Tried tried, bool stream) {
    not_spoken_ = tried;
    if (trace_) keep_request(model, route, stream);
  }
  /// `chosen` will be asked; `tried` as it was before.
  void on_choice(const Route& route, Tried tried, std::size_t chosen, SteadyTime now) {
    if (trace_) keep_choice(route, tried, chosen, now);
  }
  void on_asked(const http::RequestHead& head, std::string_view body) {
    if (trace_) keep_asked(head, body);
  }
  /// The head of an answer is here; what follows is watched from now on where bodies are kept.
  void on_answered(std::unique_ptr<http::ClientCall>& upstream) {
    if (trace_) keep_answered(upstream);
  }
  /// The target that was asked last has failed.
  void on_failed(const Error& error) {
    if (trace_) keep_failed(error);
  }
  /// Called once, at the end of every call.
  void on_end(const CallEnd& end);

 private:
  void keep_request(std::string_view model, const Route& route, bool stream);
  void keep_choice(const Route& route, Tried tried, std::size_t chosen, SteadyTime now);
  void keep_asked(const http::RequestHead& head, std::string_view body);
  void keep_answered(std::unique_ptr<http::ClientCall>& upstream);
  void keep_failed(const Error& error);

  GatewayState& state_;
  http::ServerCall& call_;
  Trace* trace_ = nullptr;  // null: nobody records
  Tried not_spoken_ = 0;
  std::optional<WatchedCall> watched_;
};

}  // namespace flotte::route::detail
