// One line for each kind of door.
#include "route/way.hpp"

#include <fmt/format.h>

#include "http/door.hpp"

namespace flotte::route {

Result<Way> open_way(const Door& door, const http::Url& to, std::shared_ptr<http::TlsContext> tls, const NodeDoor& through_node) {
  switch (door.kind) {
    case Door::Kind::direct: return Way{http::tcp_connector(to.host, to.port, std::move(tls)), {}, {}};
    case Door::Kind::interface:
      return Way{http::interface_connector(door.name, {.host = to.host, .port = to.port, .tls = std::move(tls)}), {}, {}};
    case Door::Kind::proxy: {
      const bool plain = tls == nullptr;
      Way way;
      way.connector = http::proxy_connector({.host = door.name, .port = door.port, .authorization = door.proxy_authorization},
                                            {.host = to.host, .port = to.port, .tls = std::move(tls)});
      if (!plain) return way;
      way.before_path = "http://" + way.connector->authority();
      way.proxy_authorization = door.proxy_authorization.reveal();
      return way;
    }
    case Door::Kind::node: {
      if (!through_node) return fail(Code::unsupported, fmt::format("via \"{}\" works only within a hub", door.text()));
      return Way{through_node(door.name, to.host, to.port, std::move(tls)), {}, {}};
    }
  }
  return fail(Code::internal, "a door of no kind");
}

}  // namespace flotte::route
