// OpenSSL's way to the socket: non-blocking, without SIGPIPE, and without a system call where the last one emptied the socket.
#pragma once

struct bio_st;

namespace flotte::http::detail {

/// A BIO over `socket`, which it does not own.
bio_st* make_socket_bio(int socket);
/// After a wait: reading is worth a system call again.
void expect_input(bio_st* bio) noexcept;
/// errno of the last failed call, 0 where none failed.
int socket_error(bio_st* bio) noexcept;

}  // namespace flotte::http::detail
