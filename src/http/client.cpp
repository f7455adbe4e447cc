// Sending: a kept connection or a new one, once more where the kept one was dead.
#include "http/client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "http/detail/client_state.hpp"
#include "http/detail/socket_options.hpp"

namespace flotte::http {

using detail::Attempt;
using detail::ClientConnection;
using detail::ClientShared;
using detail::Pool;

struct Client::State : ClientShared {
  using ClientShared::ClientShared;
};

namespace detail {

Attempt::Attempt(Executor executor, std::chrono::milliseconds time)
    : executor_(executor), ticker_(Ticker::of(executor)), waiter_(ticker_.lot()) {
  ticker_.add(*this);
  deadline_ = ticker_.now() + time;
}
Attempt::~Attempt() { ticker_.remove(*this); }

void Attempt::on_tick(CoarseTime now) {
  if (now >= deadline_) give_up({Code::deadline, "no connection in time"});
}

void Attempt::give_up(Error why) {
  if (result_) return;
  result_.emplace(Failure(std::move(why)));
  signal_.emit(asio::cancellation_type::terminal);
  waiter_.wake_soon();
}

namespace {
/// Ends the attempt where the coroutine that waits for it is thrown out.
struct EndsAttempt {
  std::shared_ptr<Attempt> attempt;
  ~EndsAttempt() { attempt->give_up({Code::cancelled, "cancelled"}); }
};
}  // namespace

Awaitable<void> Attempt::connect(std::shared_ptr<Attempt> self, std::shared_ptr<Connector> to) {
  auto made = co_await to->connect();
  if (!self->result_) self->result_.emplace(std::move(made));  // else it was given up before, and the stream closes here
}

Awaitable<Result<Stream>> Attempt::run(std::shared_ptr<Connector> to) {
  const EndsAttempt guard{shared_from_this()};
  auto on_end = [self = shared_from_this()](std::exception_ptr failure) {
    if (failure && !self->result_) self->result_.emplace(fail(Code::cancelled, "connecting was broken off"));
    self->waiter_.wake_soon();
  };
  asio::co_spawn(executor_, connect(shared_from_this(), std::move(to)), asio::bind_cancellation_slot(signal_.slot(), std::move(on_end)));
  while (!result_) co_await waiter_.park();
  co_return std::move(*result_);
}

std::shared_ptr<ClientConnection> ClientShared::take_idle(const Connector& to) {
  const auto entry = pools.find(&to);
  if (entry == pools.end()) return nullptr;
  auto& kept = entry->second->idle;
  while (!kept.empty()) {
    auto connection = std::move(kept.back());
    kept.pop_back();
    --idle;
    if (!connection->ended() && connection->stream.is_open()) return connection;
  }
  return nullptr;
}

std::shared_ptr<Pool> ClientShared::pool_of(const std::shared_ptr<Connector>& to) {
  auto& pool = pools[to.get()];
  if (!pool) pool = std::make_shared<Pool>();
  return pool;
}

void ClientShared::drop_idle(Pool& pool) {
  const auto kept = std::exchange(pool.idle, {});
  idle -= kept.size();
  for (const auto& connection : kept) connection->shut({Code::closed, "not needed any more"});
}

void ClientShared::stop() {
  closed = true;
  const auto gone = std::exchange(pools, {});
  for (const auto& [to, pool] : gone) drop_idle(*pool);
  const std::vector<ClientConnection*> rest = all;
  for (ClientConnection* connection : rest) {
    if (const auto hold = connection->weak_from_this().lock()) connection->shut({Code::cancelled, "the client has stopped"});
  }
  for (const auto& weak : attempts)
    if (const auto attempt = weak.lock()) attempt->give_up({Code::cancelled, "the client has stopped"});
}

namespace {

class Call final : public ClientCall {
 public:
  Call(std::shared_ptr<ClientConnection> connection, ResponseHead head) : connection_(std::move(connection)), head_(std::move(head)) {}
  ~Call() override {
    if (connection_) connection_->release();
  }
  const ResponseHead& head() const override { return head_; }

  Awaitable<Result<std::string_view>> next() override {
    if (!connection_) co_return std::string_view();
    const auto hold = connection_;
    for (;;) {
      auto piece = hold->next_here();
      if (!piece) {
        auto came = co_await hold->more_of_body();
        if (came) continue;
        piece = pass(came);
      }
      if ((!*piece || (*piece)->empty()) && connection_) std::exchange(connection_, nullptr)->release();
      co_return std::move(*piece);
    }
  }

  Awaitable<Result<std::string>> read_all(std::size_t limit) override {
    std::string body;
    for (;;) {
      auto piece = co_await next();
      if (!piece) co_return pass(piece);
      if (piece->empty()) co_return body;
      if (body.size() + piece->size() > limit) {
        std::exchange(connection_, nullptr)->release();
        co_return fail(Code::too_large, "the answer is larger than " + std::to_string(limit) + " bytes");
      }
      body.append(*piece);
    }
  }

  Stream take_stream(std::string& rest) override {
    const auto connection = std::exchange(connection_, nullptr);
    FLOTTE_ASSERT(connection && head_.status == 101);
    rest = connection->take_rest();
    return std::move(connection->stream);
  }

 private:
  std::shared_ptr<ClientConnection> connection_;
  ResponseHead head_;
};

Awaitable<Result<std::shared_ptr<ClientConnection>>> connect(std::shared_ptr<ClientShared> shared, std::shared_ptr<Connector> to,
                                                             std::chrono::milliseconds time, std::function<void()>* hook) {
  auto attempt = std::make_shared<Attempt>(shared->executor, time);
  std::erase_if(shared->attempts, [](const auto& weak) { return weak.expired(); });
  shared->attempts.push_back(attempt);
  if (hook)
    *hook = [weak = std::weak_ptr(attempt)] {
      if (const auto a = weak.lock()) a->give_up({Code::cancelled, "cancelled"});
    };
  auto stream = co_await attempt->run(to);
  if (!stream) {
    Error why = stream.error().within("cannot connect to " + to->authority());
    if (why.code != Code::deadline && why.code != Code::cancelled) why.code = Code::unavailable;
    co_return Failure(std::move(why));
  }
  if (shared->closed) co_return fail(Code::cancelled, "the client has stopped");
  ++shared->connected;
  auto pool = shared->pool_of(to);
  co_return std::make_shared<ClientConnection>(shared, to, std::move(pool), std::move(*stream));
}

}  // namespace
}  // namespace detail

void CancelHandle::cancel() {
  cancelled_ = true;
  if (const auto hook = std::exchange(hook_, nullptr)) hook();
}

Client::Client(Executor executor, ClientLimits limits) : state_(std::make_shared<State>(executor, limits)) {}
Client::~Client() { state_->stop(); }

Awaitable<Result<std::unique_ptr<ClientCall>>> Client::send(std::shared_ptr<Connector> to, const RequestHead& head, std::string_view body,
                                                            Deadlines deadlines, CancelHandle* cancel) {
  const std::shared_ptr<ClientShared> shared = state_;
  for (bool again = false;; again = true) {
    if (cancel && cancel->cancelled()) co_return fail(Code::cancelled, "cancelled");
    auto connection = again ? nullptr : shared->take_idle(*to);
    const bool kept = connection != nullptr;
    if (kept) {
      ++shared->reused;
    } else {
      auto made = co_await detail::connect(shared, to, deadlines.connect, cancel ? &cancel->hook_ : nullptr);
      if (!made) co_return pass(made);
      connection = std::move(*made);
    }
    if (cancel) {
      if (cancel->cancelled()) co_return fail(Code::cancelled, "cancelled");
      cancel->hook_ = [weak = connection->weak_from_this(), use = connection->use() + 1] {
        const auto c = std::static_pointer_cast<ClientConnection>(weak.lock());
        if (c && c->use() == use) c->end({Code::cancelled, "cancelled"});
      };
    }
    auto answer = co_await connection->exchange(head, body, deadlines);
    if (answer) co_return std::make_unique<detail::Call>(std::move(connection), std::move(*answer));
    const Code code = answer.error().code;
    // Nothing closed it, but its way is gone: then that of the others is too.
    const bool lost = code == Code::deadline && detail::unconfirmed(connection->stream.native()) > 0;
    connection->release();
    if (lost) shared->drop_idle(*connection->pool);
    const bool dead = kept && !connection->answer_began() && (code == Code::closed || code == Code::io);
    if (!dead) co_return pass(answer);
  }
}

void Client::forget(const Connector& to) {
  const auto entry = state_->pools.find(&to);
  if (entry == state_->pools.end()) return;
  const auto pool = entry->second;
  state_->pools.erase(entry);
  pool->forgotten = true;
  state_->drop_idle(*pool);
}

void Client::close() {
  const auto gone = std::exchange(state_->pools, {});
  for (const auto& [to, pool] : gone) {
    pool->forgotten = true;
    state_->drop_idle(*pool);
  }
}

Client::Counts Client::counts() const { return {state_->idle, state_->all.size() - state_->idle, state_->connected, state_->reused}; }

}  // namespace flotte::http
