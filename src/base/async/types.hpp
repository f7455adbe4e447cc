// The asynchronous vocabulary: one executor type, one awaitable, one token. Everything with `Awaitable` in its signature
// runs on the thread of the Loop that it was spawned on, and is awaited there.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace flotte {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
template <class T = void>
using Awaitable = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
/// A TCP or Unix stream socket.
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

}  // namespace flotte
