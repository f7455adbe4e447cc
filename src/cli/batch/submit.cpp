// Blobs and items on their way to the hub.
#include "cli/batch/submit.hpp"

#include "base/crypto.hpp"
#include "base/file.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t first_group = 8;  // so that work begins while the rest is still on its way
constexpr std::size_t later_groups = 128;
constexpr std::size_t request_bytes = 1024 * 1024;

}  // namespace

Awaitable<Result<void>> Submitter::run(std::string batch, std::vector<Submission> items) {
  std::span<const Submission> rest(items);
  std::size_t size = first_group;
  while (!rest.empty()) {
    const auto group = rest.first(std::min(size, rest.size()));
    auto handed_in = co_await run_group(batch, group);
    if (!handed_in) co_return handed_in;
    rest = rest.subspan(group.size());
    size = later_groups;
  }
  std::function<Awaitable<Result<wire::BatchView>>()> seal = [&] { return batches_.seal(batch); };
  auto sealed = co_await patience_.ask(seal);
  if (!sealed) co_return pass(sealed);
  co_return Result<void>{};
}

Awaitable<Result<void>> Submitter::run_group(const std::string& batch, std::span<const Submission> group) {
  std::string lines;
  std::size_t count = 0;
  std::function<Awaitable<Result<void>>()> send = [&] { return batches_.add_items(batch, lines); };
  for (const Submission& item : group) {
    if (item.input->is_document()) {
      auto uploaded = co_await upload(*item.input);
      if (!uploaded) co_return uploaded;
    }
    const client::NewItem line{item.index, item.input->name, make_spec(*item.input, placement_)};
    lines += line.to_line();
    ++count;
    if (lines.size() < request_bytes && &item != &group.back()) continue;
    auto sent = co_await patience_.ask(send);
    if (!sent) co_return sent;
    handed_in_ += count;
    lines.clear();
    count = 0;
  }
  co_return Result<void>{};
}

Awaitable<Result<void>> Submitter::upload(const Input& input) {
  if (uploaded_.contains(input.blob)) co_return Result<void>{};
  std::function<Awaitable<Result<bool>>()> ask = [&] { return batches_.has_blob(input.blob); };
  auto there = co_await patience_.ask(ask);
  if (!there) co_return pass(there);
  if (!*there) {
    std::function<Result<std::string>()> read = [path = input.path, blob = input.blob, name = input.name]() -> Result<std::string> {
      auto content = read_file(path, document_limit);
      if (!content) return pass(content, name);
      if (sha256_hex(*content) != blob)
        return fail(Code::io, "\"" + name + "\" changed while it was handed in", "run the same command again; what is done stays done");
      return content;
    };
    auto content = co_await pool_.run(read);
    if (!content) co_return pass(content);
    std::function<Awaitable<Result<void>>()> put = [&] { return batches_.put_blob(input.blob, *content); };
    auto stored = co_await patience_.ask(put);
    if (!stored) co_return std::unexpected(stored.error().within(input.name));
  }
  uploaded_.insert(input.blob);
  co_return Result<void>{};
}

}  // namespace flotte::cli
