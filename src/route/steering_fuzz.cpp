// What requests and refusals say about where calls go: outside bytes in every one of them.
#include "base/fuzz_target.hpp"
#include "route/door.hpp"
#include "route/later.hpp"
#include "route/prefix.hpp"
#include "route/rules.hpp"

namespace flotte::route {
namespace {

using fuzz::require;

/// The first byte is the status, then a line for each header, an empty line, the body.
void later(std::string_view bytes) {
  if (bytes.empty()) return;
  static constexpr int statuses[] = {200, 400, 402, 403, 429, 500, 503, 529};
  const int status = statuses[static_cast<unsigned char>(bytes.front()) % std::size(statuses)];
  bytes.remove_prefix(1);
  http::Headers headers;
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) break;
    headers.add(line.substr(0, colon), line.substr(colon + 1));
  }
  const Later found = read_later(status, headers, bytes, from_ms(1'795'249'800'000));
  require(!found.wait || found.wait->count() >= 0, "nobody waits for the past");
  require(found.kind != LaterKind::none || found == Later{}, "nothing is nothing");
  require(status != 429 || found.kind != LaterKind::none, "a 429 is always one");
}

void request_facts(std::string_view bytes) {
  const RequestFacts facts = scan_facts(bytes);
  require(facts.tokens >= 0 && facts.tokens <= static_cast<std::int64_t>(bytes.size()), "not more tokens than bytes");
  const Prefixes prefixes = read_prefixes(bytes, 1);
  std::size_t count = 0;
  prefixes.each([&](std::uint64_t) { return ++count > 0; });
  require(count <= Prefixes::late + Prefixes::early, "a bounded number");
  require(prefixes.empty() == (count == 0), "all of them are there");
}

void door(std::string_view bytes) {
  const auto parsed = Door::parse(bytes);
  if (!parsed) {
    require(!parsed.error().message.empty(), "a refusal says why");
    return;
  }
  const auto again = Door::parse(parsed->text());
  require(again.has_value(), "what was read can be written and read again");
  require(again->kind == parsed->kind && again->name == parsed->name && again->port == parsed->port, "and says the same");
  require(again->proxy_authorization.empty(), "without the login");
}

const fuzz::Register targets[] = {{"later", later}, {"request_facts", request_facts}, {"door", door}};

}  // namespace
}  // namespace flotte::route
