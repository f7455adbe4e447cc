// OpenSSL's way to the socket: non-blocking, without SIGPIPE, and without a system call where the last one emptied the socket.
#pragma once

struct bio_st;

namespace flotte::http::detail {

class Watch;

/// A BIO over the watch's socket, which it does not own. It keeps the watch's word on what is ready.
bio_st* make_socket_bio(Watch& watch);
/// The same socket has another watch now.
void watch_by(bio_st* bio, Watch& watch) noexcept;
/// errno of the last failed call, 0 where none failed.
int socket_error(bio_st* bio) noexcept;

}  // namespace flotte::http::detail
