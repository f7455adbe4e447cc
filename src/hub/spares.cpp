// Parking, waiting for and asking through spare streams.
#include "hub/spares.hpp"

#include "base/async/post.hpp"
#include "base/json.hpp"

namespace flotte::hub {

void Spares::park(const std::string& node, http::Stream stream) {
  std::shared_ptr<Waiter> waiter;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    Node& n = nodes_[node];
    if (n.waiting.empty()) {
      if (n.idle.size() < limit_per_node) n.idle.push_back(std::move(stream));
      return;
    }
    waiter = std::move(n.waiting.front());
    n.waiting.pop_front();
  }
  // Moved first: a stream in another loop's queue must not outlive the loop that it belongs to.
  auto held = std::make_shared<http::Stream>(std::move(stream).move_to(waiter->executor));
  auto self = shared_from_this();
  // The waiter's fields belong to its own loop.
  post_to(waiter->executor, [self, node, waiter, held] {
    if (waiter->gave_up) return self->park(node, std::move(*held));
    waiter->stream.emplace(std::move(*held));
    waiter->arrived.set();
  });
}

Awaitable<Result<http::Stream>> Spares::take(std::string node, std::chrono::milliseconds patience) {
  Executor executor = co_await asio::this_coro::executor;
  std::shared_ptr<Waiter> waiter;
  {
    std::unique_lock lock(mutex_);
    if (closed_) co_return fail(Code::unavailable, "the hub stops");
    Node& n = nodes_[node];
    if (!n.idle.empty()) {
      // The newest is the least likely to have died unnoticed.
      http::Stream stream = std::move(n.idle.back());
      n.idle.pop_back();
      lock.unlock();
      co_return std::move(stream).move_to(executor);
    }
    waiter = std::make_shared<Waiter>(executor);
    n.waiting.push_back(waiter);
  }
  ask_more_(node);
  std::exception_ptr cancelled;
  try {
    co_await waiter->arrived.wait_for(patience);
  } catch (...) {
    cancelled = std::current_exception();
  }
  waiter->gave_up = true;  // what is on its way to it goes back
  forget(node, waiter);
  if (cancelled) {
    if (waiter->stream) park(node, std::move(*waiter->stream));
    std::rethrow_exception(cancelled);
  }
  // One that came in the very moment in which the time was over is as good.
  if (waiter->stream) co_return std::move(*waiter->stream);
  co_return fail(Code::unavailable, "node '" + node + "' has no connection to spare", "is it running? see `flotte node ls`");
}

void Spares::forget(const std::string& node, const std::shared_ptr<Waiter>& waiter) {
  std::lock_guard lock(mutex_);
  const auto it = nodes_.find(node);
  if (it == nodes_.end()) return;
  std::erase(it->second.waiting, waiter);
  if (it->second.waiting.empty() && it->second.idle.empty()) nodes_.erase(it);
}

void Spares::drop(const std::string& node) {
  Node gone;
  {
    std::lock_guard lock(mutex_);
    const auto it = nodes_.find(node);
    if (it == nodes_.end()) return;
    gone = std::move(it->second);
    nodes_.erase(it);
  }
  for (const auto& waiter : gone.waiting) post_to(waiter->executor, [waiter] { waiter->arrived.set(); });
}

void Spares::close() {
  std::map<std::string, Node> gone;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  gone.swap(nodes_);
}

std::size_t Spares::parked(const std::string& node) const {
  std::lock_guard lock(mutex_);
  const auto it = nodes_.find(node);
  return it == nodes_.end() ? 0 : it->second.idle.size();
}

namespace {

constexpr std::chrono::milliseconds wait_for_spare{5'000};
constexpr std::chrono::milliseconds wait_for_engine{5'000};
constexpr std::size_t answer_limit = 4096;

/// Asks the node at the other end of the stream for an engine. One line each way.
Awaitable<Result<bool>> ask_for_engine(http::Stream& stream, const std::string& request) {
  auto sent = co_await stream.write(request);
  if (!sent) co_return pass(sent);
  std::string line;
  char piece[512];
  while (line.find('\n') == std::string::npos) {
    auto n = co_await stream.read_some(piece);
    if (!n) co_return pass(n);
    if (*n == 0) co_return fail(Code::closed, "the node closed the stream");
    line.append(piece, *n);
    if (line.size() > answer_limit) co_return fail(Code::corrupt, "the node's answer on a stream is too long");
  }
  if (line.back() != '\n') co_return fail(Code::corrupt, "the engine spoke before it was asked");
  auto answer = json::parse_object(std::string_view(line).substr(0, line.size() - 1));
  if (!answer) co_return pass(answer);
  if (json::get_bool(*answer, "ok").value_or(false)) co_return true;
  const json::object* error = json::get_object(*answer, "error");
  const std::string message = error ? json::string_or(*error, "message", "refused") : "refused";
  co_return fail(Code::unavailable, message);
}

class SpareConnector final : public http::Connector {
 public:
  SpareConnector(std::shared_ptr<Spares> spares, std::string node, std::string engine)
      : spares_(std::move(spares)), node_(std::move(node)), name_(engine + "@" + node_) {
    request_ = json::dump(json::object{{"engine", engine}}) + "\n";
  }

  Awaitable<Result<http::Stream>> connect() override {
    // Parked streams may have died with their node or their network; each is tried once.
    Result<http::Stream> last = fail(Code::unavailable, name_ + " cannot be reached");
    for (std::size_t attempt = 0; attempt <= Spares::limit_per_node; ++attempt) {
      auto stream = co_await spares_->take(node_, wait_for_spare);
      if (!stream) co_return pass(stream);
      auto asked = co_await with_deadline(wait_for_engine, ask_for_engine(*stream, request_));
      if (asked) co_return std::move(*stream);
      last = pass(asked, name_);
      if (asked.error().code == Code::unavailable || asked.error().code == Code::deadline) break;  // the node itself answered, or hangs
    }
    co_return last;
  }
  const std::string& authority() const override { return host_; }

 private:
  std::shared_ptr<Spares> spares_;
  std::string node_, name_, request_;
  const std::string host_ = "localhost";  // what the engine sees as Host; "llama@box" is none that servers accept
};

}  // namespace

std::shared_ptr<http::Connector> spare_connector(std::shared_ptr<Spares> spares, std::string node, std::string engine) {
  return std::make_shared<SpareConnector>(std::move(spares), std::move(node), std::move(engine));
}

}  // namespace flotte::hub
