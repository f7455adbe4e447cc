// Connections of one client: kept ones by endpoint, and the attempts to make new ones. Lives on its loop.
#pragma once
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include <boost/asio/cancellation_signal.hpp>

#include "http/client.hpp"
#include "http/detail/body.hpp"
#include "http/detail/connection.hpp"
#include "http/detail/head.hpp"

namespace flotte::http::detail {

class ClientConnection;
struct ClientShared;

/// The connections to one endpoint.
struct Pool {
  std::vector<std::shared_ptr<ClientConnection>> idle;  // the newest is used first
  std::size_t connections = 0;                          // idle and busy
  bool forgotten = false;                               // none is kept any more
};

class ClientConnection final : public Connection {
 public:
  enum class Phase { idle, sending, waiting_for_head, reading_body };
  ClientConnection(std::shared_ptr<ClientShared> shared, std::shared_ptr<Connector> to, std::shared_ptr<Pool> pool, Stream stream);
  ~ClientConnection() override;

  /// Sends the request and reads the head of the answer.
  Awaitable<Result<ResponseHead>> exchange(const RequestHead& head, std::string_view body, Deadlines deadlines);
  /// The next piece of the body, if it is here; empty at the body's end.
  std::optional<Result<std::string_view>> next_here();
  /// Waits until `next_here` has something to say. The error is the body's.
  Awaitable<Result<void>> more_of_body();
  /// The answer is not wanted any further: kept where it was read to its end, closed otherwise.
  void release();
  bool answer_began() const noexcept { return answer_began_; }
  std::uint64_t use() const noexcept { return use_; }
  std::string take_rest() { return std::string(in.view()); }

  std::shared_ptr<Connector> to;
  std::shared_ptr<Pool> pool;

 private:
  friend struct ClientShared;
  void on_input() override;
  Error deadline_error() const override;
  void write_request(const RequestHead& head, std::string_view body);
  Awaitable<Result<ResponseHead>> read_head(const std::string& method);
  std::weak_ptr<ClientShared> shared_;
  Phase phase_ = Phase::sending;
  Deadlines deadlines_;
  HeadFacts facts_;
  BodyReader body_;
  std::size_t limit_;
  std::string out_;
  std::size_t used_ = 0;
  std::uint64_t use_ = 0;  // how often it was taken; tells a late cancel from one that is meant
  bool answer_began_ = false;
};

/// One attempt to connect, with a deadline, and an end that does not depend on the connector's good will.
class Attempt final : public Ticked, public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Executor executor, std::chrono::milliseconds time);
  ~Attempt();
  Awaitable<Result<Stream>> run(std::shared_ptr<Connector> to);
  void give_up(Error why);

 private:
  static Awaitable<void> connect(std::shared_ptr<Attempt> self, std::shared_ptr<Connector> to);
  void on_tick(CoarseTime now) override;
  Executor executor_;
  Ticker& ticker_;
  CoarseTime deadline_;
  asio::cancellation_signal signal_;
  std::optional<Result<Stream>> result_;
  Parking waiter_;
};

struct ClientShared : std::enable_shared_from_this<ClientShared> {
  ClientShared(Executor e, ClientLimits l) : executor(e), limits(l) {}
  std::shared_ptr<ClientConnection> take_idle(const Connector& to);
  std::shared_ptr<Pool> pool_of(const std::shared_ptr<Connector>& to);
  void drop_idle(Pool& pool);
  void stop();

  Executor executor;
  ClientLimits limits;
  std::unordered_map<const Connector*, std::shared_ptr<Pool>> pools;
  std::vector<ClientConnection*> all;
  std::list<std::weak_ptr<Attempt>> attempts;
  std::size_t idle = 0;
  std::uint64_t connected = 0, reused = 0;
  bool closed = false;
};

}  // namespace flotte::http::detail
