// Options that every TCP connection of this program has.
#pragma once
#include <cstddef>

namespace flotte::http::detail {

/// No delay; keep-alive probes after 30 s of silence, so that routers keep the connection and a dead peer is noticed within a minute. What
/// was sent and is not confirmed within a minute ends the connection too (ETIMEDOUT): probes are not sent meanwhile.
void set_tcp_options(int socket) noexcept;

/// Bytes that were written and that the peer's kernel has not confirmed. On a path that works that is nothing after a moment.
std::size_t unconfirmed(int socket) noexcept;
/// Closing the socket will reset it where something is unconfirmed: else the kernel would go on sending what nobody waits for any more.
void drop_unconfirmed(int socket) noexcept;

}  // namespace flotte::http::detail
