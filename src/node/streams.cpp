// Dialling, waiting and joining.
#include "node/streams.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "http/join.hpp"

namespace flotte::node {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t line_limit = 4096;

/// Adds 1 to a count as long as it lives, also when its coroutine is thrown out.
class Counted {
 public:
  explicit Counted(int& count) : count_(&count) { ++*count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { end(); }
  void end() {
    if (count_) --*count_;
    count_ = nullptr;
  }

 private:
  int* count_;
};

/// The line that tells what the stream is wanted for; what came behind it stays in `rest`. Empty: the hub closed it.
Awaitable<Result<std::string>> read_line(http::Stream& stream, std::string& rest) {
  char piece[1024];
  while (rest.find('\n') == std::string::npos) {
    if (rest.size() > line_limit) co_return fail(Code::corrupt, "the hub's line on a stream is too long");
    auto n = co_await stream.read_some(piece);
    if (!n) co_return pass(n);
    if (*n == 0) co_return std::string();
    rest.append(piece, *n);
  }
  const std::size_t end = rest.find('\n');
  std::string line = rest.substr(0, end);
  rest.erase(0, end + 1);
  co_return line;
}

const json::object nothing;

std::string refusal(const Error& error) {
  return json::dump(json::object{{"ok", false}, {"error", json::object{{"code", to_string(error.code)}, {"message", error.message}}}}) +
         "\n";
}

}  // namespace

SpareStreams::SpareStreams(Executor executor, http::Client& client, HubAddress hub, std::string node, FindEngine find_engine, Egress egress)
    : client_(client),
      hub_(std::move(hub)),
      node_(std::move(node)),
      find_engine_(std::move(find_engine)),
      egress_(std::move(egress)),
      backoff_(random_seed()),
      scope_(executor, "streams") {}

void SpareStreams::on_welcome(std::string ticket, int keep, const std::string& name) {
  if (!name.empty()) node_ = name;
  ticket_ = std::move(ticket);
  backoff_.reset();
  keep_ = keep;
  // The idle ones of the last link were closed by the hub or soon will be; new ones are dialled beside them.
  fill(keep - dialing_);
}

void SpareStreams::on_spares(int keep, int now) {
  keep_ = keep;
  fill(std::max(now, keep_ - idle_ - dialing_));
}

void SpareStreams::on_down() { ticket_.clear(); }

void SpareStreams::fill(int extra) {
  if (ticket_.empty()) return;
  for (int i = 0; i < extra && idle_ + dialing_ + joined_ < most; ++i) scope_.spawn("spare", run_one());
}

Awaitable<void> SpareStreams::run_one() {
  std::string rest;
  Counted dialing(dialing_);
  auto stream = co_await dial(rest);
  dialing.end();
  if (!stream) {
    // Only one of those that failed together tries again.
    if (!waiting_ && !scope_.cancelled()) {
      waiting_ = true;
      log::debug("no spare stream", {{"error", stream.error().text()}});
      scope_.spawn("redial", redial_later());
    }
    co_return;
  }
  backoff_.reset();
  co_await serve(std::move(*stream), std::move(rest));
}

Awaitable<void> SpareStreams::redial_later() {
  const bool waited = co_await sleep_for(backoff_.next());
  waiting_ = false;
  if (waited) fill(keep_ - idle_ - dialing_);
}

Awaitable<Result<http::Stream>> SpareStreams::dial(std::string& rest) {
  http::RequestHead head;
  head.method = "GET";
  head.target = hub_.base_path + "/fleet/v1/node/stream";
  head.headers.set("Connection", "Upgrade");
  head.headers.set("Upgrade", "flotte-stream");
  const std::string ticket = ticket_;
  head.headers.set("Authorization", fmt::format("FlotteNode {}:{}", node_, ticket));
  const http::Deadlines deadlines{.connect = 5s, .first_byte = 10s, .idle = 10s};
  auto call = co_await client_.send(hub_.connector, head, "", deadlines);
  if (!call) co_return pass(call);
  const int status = (*call)->head().status;
  if (status == 101) co_return (*call)->take_stream(rest);
  // The ticket's link is over: the next welcome brings another.
  if ((status == 401 || status == 403) && ticket == ticket_) ticket_.clear();
  co_return fail(Code::unavailable, fmt::format("the hub answered {} to a stream", status));
}

/// What the hub's line asks for; `what` names it for people.
Result<std::shared_ptr<http::Connector>> SpareStreams::find(const json::object& asked, std::string& what) const {
  if (const std::string name = json::string_or(asked, "engine", ""); !name.empty()) {
    what = fmt::format("engine '{}' on node '{}'", name, node_);
    if (auto connector = find_engine_(name)) return connector;
    return fail(Code::unavailable, fmt::format("engine '{}' is not ready on node '{}'", name, node_));
  }
  const std::string to = json::string_or(asked, "connect", "");
  if (to.empty()) return fail(Code::unsupported, "this node knows only {\"engine\":NAME} and {\"connect\":\"HOST:PORT\"} on a stream");
  auto place = Egress::parse_place(to);
  if (!place) return pass(place);
  what = fmt::format("{} from node '{}'", to, node_);
  if (egress_.allows(place->host, place->port)) return http::tcp_connector(place->host, place->port);
  return fail(Code::forbidden, fmt::format("node '{}' does not let others reach {}", node_, to),
              "its own file lists what it lets through: [node] egress");
}

Awaitable<void> SpareStreams::serve(http::Stream stream, std::string rest) {
  Counted idle(idle_);
  auto line = co_await read_line(stream, rest);
  idle.end();
  if (!line || line->empty()) {
    if (!scope_.cancelled()) fill(std::min(1, keep_ - idle_ - dialing_));
    co_return;
  }
  const Counted joined(joined_);
  fill(std::min(1, keep_ - idle_ - dialing_));  // somebody else may need one next
  const auto asked = json::parse_object(*line);
  std::string what;
  auto connector = find(asked ? *asked : nothing, what);
  Error error;
  if (connector) {
    Awaitable<Result<http::Stream>> connecting = (*connector)->connect();
    auto place = co_await std::move(connecting);
    if (place) {
      auto said = co_await stream.write("{\"ok\":true}\n");
      if (said && !rest.empty()) said = co_await place->write(rest);
      if (said) co_await http::join(stream, *place);
      co_return;
    }
    error = place.error().within(what);
  } else {
    error = std::move(connector.error());
  }
  const std::string answer = refusal(error);
  [[maybe_unused]] auto said = co_await stream.write(answer);
  stream.close();
}

}  // namespace flotte::node
