// A BIO over a non-blocking socket.
#include "http/detail/socket_bio.hpp"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/assert.hpp"
#include "http/detail/poller.hpp"

namespace flotte::http::detail {
namespace {

struct Data {
  Watch* watch;
  int error = 0;
  bool ended = false;
};

Data& data(BIO* bio) { return *static_cast<Data*>(BIO_get_data(bio)); }

int read(BIO* bio, char* into, int size) {
  Data& d = data(bio);
  BIO_clear_retry_flags(bio);
  if (!d.watch->may_read()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const ssize_t n = ::recv(d.watch->socket(), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (n > 0) {
    if (n < size) d.watch->emptied();
    return static_cast<int>(n);
  }
  if (n == 0) {
    d.ended = true;
    return 0;
  }
  if (errno == EAGAIN || errno == EINTR) {
    if (errno == EAGAIN) d.watch->emptied();
    BIO_set_retry_read(bio);
  } else {
    d.error = errno;
  }
  return -1;
}

int write(BIO* bio, const char* from, int size) {
  Data& d = data(bio);
  BIO_clear_retry_flags(bio);
  const ssize_t n = ::send(d.watch->socket(), from, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0) return static_cast<int>(n);
  if (errno == EAGAIN || errno == EINTR) {
    if (errno == EAGAIN) d.watch->writable = false;
    BIO_set_retry_write(bio);
  } else {
    d.error = errno;
  }
  return -1;
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return data(bio).ended ? 1 : 0;
  return 0;
}

int destroy(BIO* bio) {
  delete static_cast<Data*>(BIO_get_data(bio));
  BIO_set_data(bio, nullptr);
  return 1;
}

const BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "flotte socket");
    FLOTTE_ASSERT(m);
    BIO_meth_set_read(m, read);
    BIO_meth_set_write(m, write);
    BIO_meth_set_ctrl(m, control);
    BIO_meth_set_destroy(m, destroy);
    return m;
  }();
  return made;
}

}  // namespace

bio_st* make_socket_bio(Watch& watch) {
  BIO* bio = BIO_new(method());
  FLOTTE_ASSERT(bio);
  BIO_set_data(bio, new Data{&watch});
  BIO_set_init(bio, 1);
  return bio;
}

void watch_by(bio_st* bio, Watch& watch) noexcept { data(bio).watch = &watch; }
int socket_error(bio_st* bio) noexcept { return data(bio).error; }

}  // namespace flotte::http::detail
