// One connection of a client: request out, answer in, then back to its pool.
#include "http/detail/client_state.hpp"

#include <array>

#include "http/detail/socket_options.hpp"

namespace flotte::http::detail {

ClientConnection::ClientConnection(std::shared_ptr<ClientShared> shared, std::shared_ptr<Connector> t, std::shared_ptr<Pool> p, Stream s)
    : Connection(shared->executor, std::move(s), shared->limits.header_bytes),
      to(std::move(t)),
      pool(std::move(p)),
      shared_(shared),
      limit_(shared->limits.header_bytes) {
  ++pool->connections;
  shared->all.push_back(this);
}

ClientConnection::~ClientConnection() {
  --pool->connections;
  const auto shared = shared_.lock();
  if (!shared) return;
  std::erase(shared->all, this);
  const auto entry = shared->pools.find(to.get());
  if (pool->connections == 0 && entry != shared->pools.end() && entry->second == pool) shared->pools.erase(entry);
}

void ClientConnection::on_input() {
  if (phase_ != Phase::idle) {
    answer_began_ = answer_began_ || !in.empty();
    return;
  }
  // Nothing was asked, so this is the peer's goodbye (or nonsense): not to be used again.
  const auto hold = shared_from_this();
  if (const auto shared = shared_.lock()) shared->idle -= std::erase(pool->idle, hold);
  shut({Code::closed, "the peer has closed the connection"});
}

Error ClientConnection::deadline_error() const {
  const auto within = [](std::chrono::milliseconds time) { return " within " + std::to_string(time.count()) + " ms"; };
  switch (phase_) {
    case Phase::waiting_for_head: return {Code::deadline, to->authority() + " did not answer" + within(deadlines_.first_byte)};
    case Phase::reading_body: return {Code::deadline, to->authority() + " sent nothing more of its answer" + within(deadlines_.idle)};
    case Phase::sending: return {Code::deadline, to->authority() + " does not read the request"};
    case Phase::idle: break;
  }
  return {Code::closed, "kept long enough"};
}

void ClientConnection::write_request(const RequestHead& head, std::string_view body) {
  out_.clear();
  out_.append(head.method).append(" ").append(head.target.empty() ? "/" : head.target).append(" HTTP/1.1\r\n");
  if (!head.headers.get("host")) write_field(out_, "Host", to->authority());
  for (const auto& [name, value] : head.headers)
    if (!same_name(name, "content-length") && !same_name(name, "transfer-encoding")) write_field(out_, name, value);
  if (!body.empty() || head.method == "POST" || head.method == "PUT" || head.method == "PATCH") {
    out_.append("Content-Length: ");
    write_number(out_, body.size());
    out_.append("\r\n");
  }
  out_.append("\r\n");
}

Awaitable<Result<ResponseHead>> ClientConnection::exchange(const RequestHead& head, std::string_view body, Deadlines deadlines) {
  ++use_;
  deadlines_ = deadlines;
  answer_began_ = false;
  phase_ = Phase::sending;
  write_gap = deadlines.idle;
  read_deadline = never;
  write_request(head, body);
  std::array<std::string_view, 2> pieces{out_, body};
  keep_reading();
  if (!send_now(pieces)) {
    auto sent = co_await send_rest(pieces);
    // A server may refuse a body before it has read all of it, and say why: then its answer is what counts.
    if (!sent && (sent.error().code == Code::deadline || sent.error().code == Code::cancelled)) co_return pass(sent);
    if (!sent && in.empty()) {
      auto came = co_await more();
      if (!came) co_return pass(sent);
    }
  }
  phase_ = Phase::waiting_for_head;
  read_deadline = ticker().now() + deadlines.first_byte;
  auto answer = co_await read_head(head.method);
  read_deadline = never;
  if (answer) phase_ = Phase::reading_body;
  co_return answer;
}

Awaitable<Result<ResponseHead>> ClientConnection::read_head(const std::string& method) {
  std::size_t scanned = 0;
  for (;;) {
    const HeadEnd end = find_head_end(in.view(), scanned);
    if (end.kind == HeadEnd::Kind::complete) {
      ResponseHead head;
      auto facts = parse_response(in.view().substr(0, end.size), method, head);
      if (!facts) co_return fail(Code::corrupt, to->authority() + ": " + std::string(facts.error().what));
      in.consume(end.size);
      scanned = 0;
      if (head.status < 200 && head.status != 101) continue;
      facts_ = *facts;
      body_.reset(facts_.framing);
      if (head.status == 101) stop_reading();
      co_return head;
    }
    if (end.kind == HeadEnd::Kind::bare_line_feed)
      co_return fail(Code::corrupt, to->authority() + ": a line of the answer's head does not end with CR LF");
    if (in.size() >= limit_) co_return fail(Code::corrupt, to->authority() + ": the answer's head is too large");
    auto came = co_await more();
    if (!came) co_return pass(came);
  }
}

std::optional<Result<std::string_view>> ClientConnection::next_here() {
  if (used_) in.consume(std::exchange(used_, 0));
  pinned = false;
  const BodyReader::Piece piece = body_.next(in);
  switch (piece.kind) {
    case BodyReader::Piece::Kind::data:
      used_ = piece.used;
      pinned = true;
      return piece.bytes;
    case BodyReader::Piece::Kind::ended: return std::string_view();
    case BodyReader::Piece::Kind::broken: return fail(Code::corrupt, to->authority() + ": the chunks of the answer are broken");
    case BodyReader::Piece::Kind::need_more: break;
  }
  return std::nullopt;
}

Awaitable<Result<void>> ClientConnection::more_of_body() {
  read_deadline = ticker().now() + deadlines_.idle;
  auto came = co_await more();
  read_deadline = never;
  if (came) co_return came;
  if (body_.until_close() && came.error().code == Code::closed) {
    body_.reset({});
    co_return Result<void>();
  }
  if (came.error().code == Code::closed)
    co_return fail(Code::closed, to->authority() + " closed the connection before the answer was complete");
  co_return came;
}

void ClientConnection::release() {
  if (used_) in.consume(std::exchange(used_, 0));
  pinned = false;
  const auto shared = shared_.lock();
  const bool clean = phase_ == Phase::reading_body && body_.ended() && facts_.keep_alive && in.empty() && !ended() && stream.is_open();
  if (!clean || !shared || shared->closed || pool->forgotten || pool->idle.size() >= shared->limits.idle_connections) {
    drop_unconfirmed(stream.native());
    shut({Code::cancelled, "the answer is not wanted any more"});
    return;
  }
  phase_ = Phase::idle;
  calm();
  read_deadline = ticker().now() + shared->limits.idle_time;
  keep_reading();
  pool->idle.push_back(std::static_pointer_cast<ClientConnection>(shared_from_this()));
  ++shared->idle;
}

}  // namespace flotte::http::detail
