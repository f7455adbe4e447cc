// Parking, waiting for and asking through spare streams.
#include "hub/spares.hpp"

#include "base/async/post.hpp"
#include "base/json.hpp"
#include "http/door.hpp"

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

/// Asks the node at the other end of the stream for something. One line each way.
Awaitable<Result<bool>> ask_on(http::Stream& stream, const std::string& request) {
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
  if (line.back() != '\n') co_return fail(Code::corrupt, "what the node reached spoke before it was asked");
  auto answer = json::parse_object(std::string_view(line).substr(0, line.size() - 1));
  if (!answer) co_return pass(answer);
  if (json::get_bool(*answer, "ok").value_or(false)) co_return true;
  const json::object* error = json::get_object(*answer, "error");
  const std::string message = error ? json::string_or(*error, "message", "refused") : "refused";
  co_return fail(Code::unavailable, message);
}

/// A spare of that node on which it has said yes to `request`. `name` is for errors.
Awaitable<Result<http::Stream>> take_and_ask(std::shared_ptr<Spares> spares, std::string node, std::string request, std::string name) {
  // Parked streams may have died with their node or their network; each is tried once.
  Result<http::Stream> last = fail(Code::unavailable, name + " cannot be reached");
  for (std::size_t attempt = 0; attempt <= Spares::limit_per_node; ++attempt) {
    auto stream = co_await spares->take(node, wait_for_spare);
    if (!stream) co_return pass(stream);
    auto asked = co_await with_deadline(wait_for_engine, ask_on(*stream, request));
    if (asked) co_return std::move(*stream);
    last = pass(asked, name);
    if (asked.error().code == Code::unavailable || asked.error().code == Code::deadline) break;  // the node itself answered, or hangs
  }
  co_return last;
}

class SpareConnector final : public http::Connector {
 public:
  SpareConnector(std::shared_ptr<Spares> spares, std::string node, std::string engine)
      : spares_(std::move(spares)), node_(std::move(node)), name_(engine + "@" + node_) {
    request_ = json::dump(json::object{{"engine", engine}}) + "\n";
  }

  Awaitable<Result<http::Stream>> connect() override { return take_and_ask(spares_, node_, request_, name_); }
  const std::string& authority() const override { return host_; }

 private:
  std::shared_ptr<Spares> spares_;
  std::string node_, name_, request_;
  const std::string host_ = "localhost";  // what the engine sees as Host; "llama@box" is none that servers accept
};

class NodeDoor final : public http::Connector {
 public:
  NodeDoor(std::shared_ptr<Spares> spares, std::string node, std::string host, std::uint16_t port, std::shared_ptr<http::TlsContext> tls)
      : spares_(std::move(spares)), node_(std::move(node)), host_(std::move(host)), tls_(std::move(tls)) {
    const std::string name = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    const std::string place = name + ":" + std::to_string(port);
    authority_ = port == (tls_ ? 443 : 80) ? name : place;
    request_ = json::dump(json::object{{"connect", place}}) + "\n";
  }

  Awaitable<Result<http::Stream>> connect() override {
    const std::string via = "via node " + node_;
    auto stream = co_await take_and_ask(spares_, node_, request_, via);
    if (!stream || !tls_) co_return stream;
    auto secured = co_await http::tls_through(std::move(*stream), tls_, host_);
    if (!secured) co_return pass(secured, via);
    co_return std::move(*secured);
  }
  const std::string& authority() const override { return authority_; }

 private:
  std::shared_ptr<Spares> spares_;
  std::string node_, host_;
  std::shared_ptr<http::TlsContext> tls_;
  std::string authority_, request_;
};

}  // namespace

std::shared_ptr<http::Connector> spare_connector(std::shared_ptr<Spares> spares, std::string node, std::string engine) {
  return std::make_shared<SpareConnector>(std::move(spares), std::move(node), std::move(engine));
}

std::shared_ptr<http::Connector> node_door(std::shared_ptr<Spares> spares, std::string node, std::string host, std::uint16_t port,
                                           std::shared_ptr<http::TlsContext> tls) {
  return std::make_shared<NodeDoor>(std::move(spares), std::move(node), std::move(host), port, std::move(tls));
}

}  // namespace flotte::hub
