// Items of a batch as they come in: lines of JSON, taken as they arrive, stored in groups.
#include <fmt/format.h>

#include "fleet/batch_items.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "hub/task_spec.hpp"
#include "wire/members.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t body_limit = 64 * 1024 * 1024;  // of one upload; the rest comes with the next one
constexpr std::size_t items_per_write = 500;
constexpr std::size_t bytes_per_write = 4 * 1024 * 1024;
constexpr std::size_t piece_size = 64 * 1024;

/// The lines of a body, without their line feeds; one that has no end is still one.
class Lines {
 public:
  explicit Lines(http::ServerCall& call) : call_(call) {}
  /// The next line, or nothing at the end. Good until the next call. Errors: those of read_some, too_large.
  Awaitable<Result<std::optional<std::string_view>>> next() {
    for (;;) {
      const auto end = buffer_.find('\n', searched_);
      if (end != std::string::npos) co_return take(end, end + 1);
      searched_ = buffer_.size();
      if (ended_ && begin_ < buffer_.size()) co_return take(buffer_.size(), buffer_.size());
      if (ended_) co_return std::nullopt;
      auto read = co_await read_more();
      if (!read) co_return pass(read);
    }
  }
  std::size_t number() const noexcept { return number_; }  // of the line that `next` gave, from 1

 private:
  std::optional<std::string_view> take(std::size_t end, std::size_t next) {
    const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = searched_ = next;
    ++number_;
    return line;
  }
  Awaitable<Result<void>> read_more() {
    buffer_.erase(0, std::exchange(begin_, 0));
    const std::size_t size = searched_ = buffer_.size();
    if (size >= json_limit)
      co_return fail(Code::too_large, fmt::format("line {}: a line has at most {} MB", number_ + 1, json_limit >> 20));
    buffer_.resize(size + piece_size);
    const std::span<char> room(buffer_.data() + size, piece_size);
    auto n = co_await call_.read_some(room);
    buffer_.resize(size + n.value_or(0));
    if (!n) co_return pass(n);
    ended_ = *n == 0;
    total_ += *n;
    if (total_ > body_limit)
      co_return fail(Code::too_large, fmt::format("one upload of items has at most {} MB", body_limit >> 20),
                     "send the rest in another one");
    co_return Result<void>{};
  }

  http::ServerCall& call_;
  std::string buffer_;
  std::size_t begin_ = 0, searched_ = 0, number_ = 0, total_ = 0;
  bool ended_ = false;
};

/// One line. Error: as admit_spec, with the line's number.
Awaitable<Result<fleet::BatchItem>> admit_item(Request& request, std::string_view line, std::size_t number) {
  const std::string where = fmt::format("line {}", number);
  auto object = json::parse_object(line);
  if (!object) co_return pass(object, where);
  static constexpr std::array<std::string_view, 3> known{"index", "name", "task"};
  if (auto good = wire::check_members(*object, "an item of a batch", known); !good) co_return pass(good, where);
  auto index = json::need_int(*object, "index");
  if (!index) co_return pass(index, where);
  if (*index < 0) co_return fail(Code::invalid_argument, where + ": \"index\" begins at 0");
  const json::object* task = json::get_object(*object, "task");
  if (!task) co_return fail(Code::invalid_argument, where + ": \"task\" must be an object");
  auto spec = co_await admit_spec(request, *task);
  if (!spec) co_return pass(spec, where);
  fleet::BatchItem item;
  item.index = *index;
  item.name = json::string_or(*object, "name", "");
  item.spec = std::move(*spec);
  item.priced = is_priced(request.loop.table.get(), item.spec);
  co_return item;
}

struct Stored {
  fleet::Added sum;
  std::optional<Error> wrong;  // of the first line that is wrong; the lines before it are stored
};

Awaitable<Result<void>> store(Request& request, std::int64_t batch, std::vector<fleet::BatchItem>& items, fleet::Added& sum) {
  // Also without items: whether the batch is there, is asked all the same.
  auto added = co_await request.hub.fleet().submit_many(batch, std::exchange(items, {}));
  if (!added) co_return pass(added);
  sum.added += added->added;
  sum.known += added->known;
  co_return Result<void>{};
}

Awaitable<Result<Stored>> store_lines(Request& request, std::int64_t batch) {
  Stored out;
  Lines lines(request.call);
  std::vector<fleet::BatchItem> items;
  std::size_t bytes = 0;
  for (bool more = true; more;) {
    auto line = co_await lines.next();
    if (!line) {
      out.wrong = line.error();
    } else if (*line && !(*line)->empty()) {
      auto item = co_await admit_item(request, **line, lines.number());
      if (item)
        items.push_back(std::move(*item));
      else
        out.wrong = item.error();
      bytes += (*line)->size();
    }
    more = !out.wrong && line->has_value();
    if (more && items.size() < items_per_write && bytes < bytes_per_write) continue;
    bytes = 0;
    auto stored = co_await store(request, batch, items, out.sum);
    if (!stored) co_return pass(stored);
  }
  co_return out;
}

}  // namespace

Awaitable<void> add_batch_items(Request& request) {
  const std::string& id = request.captures.at(0);
  const auto batch = wire::parse_id('b', id);
  Result<Stored> stored = fail(Code::not_found, fmt::format("no batch '{}'", id), "see `flotte batch ls`");
  if (batch) stored = co_await store_lines(request, *batch);
  std::optional<Error> wrong;
  if (!stored)
    wrong = stored.error();
  else
    wrong = stored->wrong;
  if (wrong) {
    // Most clients send all before they read; the limit on what they may send is not lifted for it.
    if (wrong->code != Code::too_large && wrong->code != Code::closed) co_await read_to_end(request.call);
    co_return co_await respond_error(request.call, *wrong);
  }
  std::function<Result<std::int64_t>(store::Transaction&)> next = [n = *batch](store::Transaction& tx) {
    return fleet::next_item_index(tx, n);
  };
  auto next_index = co_await request.hub.database().read<std::int64_t>(std::move(next));
  if (!next_index) co_return co_await respond_error(request.call, next_index.error());
  const json::object answer{{"added", stored->sum.added}, {"skipped", stored->sum.known}, {"next_index", *next_index}};
  co_await respond_json(request.call, 200, answer);
}

}  // namespace flotte::hub
