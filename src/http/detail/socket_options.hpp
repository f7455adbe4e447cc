// Options that every TCP connection of this program has.
#pragma once

namespace flotte::http::detail {

/// No delay; keep-alive probes after 30 s of silence, so that routers keep the connection and a dead peer is noticed within a minute.
void set_tcp_options(int socket) noexcept;

}  // namespace flotte::http::detail
