// From a method and a path to the function that answers. The routes are one table (routes.cpp).
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/async/types.hpp"
#include "base/json.hpp"
#include "http/server.hpp"
#include "hub/caller.hpp"

namespace flotte::hub {

class Hub;
struct GatewayLoop;

/// One request on its way through the hub.
struct Request {
  Hub& hub;
  GatewayLoop& loop;
  http::ServerCall& call;
  std::vector<std::string> captures;     // decoded values of {…} in the pattern
  std::shared_ptr<const Caller> caller;  // null where the route needs nobody
};

/// What a route asks of its caller: a key of whatever scopes but no run's; the scope of that name; `tasks`, or the key of any run (blobs,
/// own_task: it looks itself whether the task is that run's).
enum class Need { nothing, client, models, tasks, blobs, own_task, admin };
using Answer = Awaitable<void> (*)(Request&);

struct Route {
  std::string_view method, pattern;
  Need need;
  Answer answer;
};

class Router {
 public:
  explicit Router(std::span<const Route> routes);
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> captures;
    bool path_known = false;  // another method would have matched: 405
  };
  /// HEAD goes where GET goes: the server leaves the body out.
  Match find(std::string_view method, std::string_view path) const;
  /// The methods that `path` knows, as the header Allow names them.
  std::string methods_of(std::string_view path) const;

 private:
  struct Pattern {
    std::vector<std::string_view> segments;
    const Route* route;
  };
  std::unordered_map<std::string_view, std::vector<const Route*>> exact_;
  std::vector<Pattern> patterns_;
};

/// Answers with an error in the shape of the dialect whose path was asked.
Awaitable<void> respond_error(http::ServerCall& call, const Error& error);
/// 405: the path is known, the method is not. `allowed`: those that are.
Awaitable<void> respond_wrong_method(http::ServerCall& call, std::string allowed);
/// The HTTP status of an error: that of its code, but 507 where a disk is full. It is no matter of patience, as a limit of calls is.
int http_status(const Error& error) noexcept;
Awaitable<void> respond_json(http::ServerCall& call, int status, const json::value& body);

}  // namespace flotte::hub
