// Blobs and items on their way to the hub.
#include "cli/batch/submit.hpp"

#include "base/crypto.hpp"
#include "base/file.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t first_group = 8;  // so that work begins while the rest is still on its way
constexpr std::size_t later_groups = 128;
constexpr std::size_t request_bytes = 1024 * 1024;

/// The hub's answer may be about one line of the request, and the others are good.
bool may_be_one_item(const Error& error) {
  switch (error.code) {
    case Code::invalid_argument:
    case Code::not_found:
    case Code::forbidden:
    case Code::unprocessable:
    case Code::unsupported:
    case Code::too_large: return true;
    default: return false;
  }
}

/// "line 1: ..." of a request with one line says nothing to the person.
Error without_line(Error error) {
  if (error.message.starts_with("line 1: ")) error.message.erase(0, 8);
  return error;
}

}  // namespace

Awaitable<Result<void>> Submitter::run(std::string batch, std::int64_t first, std::vector<const Input*> inputs) {
  batch_ = std::move(batch);
  next_ = first;
  std::size_t size = first_group;
  for (std::size_t at = 0; at < inputs.size();) {
    const std::size_t count = std::min(size, inputs.size() - at);
    std::vector<const Input*> group(inputs.begin() + static_cast<std::ptrdiff_t>(at),
                                    inputs.begin() + static_cast<std::ptrdiff_t>(at + count));
    auto handed_in = co_await run_group(std::move(group));
    if (!handed_in) co_return handed_in;
    at += count;
    size = later_groups;
  }
  std::function<Awaitable<Result<wire::BatchView>>()> close = [this] {
    return next_ == 0 ? batches_.act(batch_, "cancel") : batches_.seal(batch_);
  };
  auto closed = co_await patience_.ask(close);
  if (!closed) co_return pass(closed);
  co_return Result<void>{};
}

Awaitable<Result<void>> Submitter::run_group(std::vector<const Input*> group) {
  std::vector<const Input*> ready;
  std::size_t bytes = 0;
  for (const Input* input : group) {
    if (input->is_document()) {
      auto uploaded = co_await upload(*input);
      if (!uploaded && (uploaded.error().code == Code::io || may_be_one_item(uploaded.error()))) {
        refuse(*input, uploaded.error());
        continue;
      }
      if (!uploaded) co_return uploaded;
    }
    ready.push_back(input);
    bytes += input->prompt.size() + input->system.size() + input->name.size();
    if (bytes < request_bytes) continue;
    auto sent = co_await send(ready);
    if (!sent) co_return sent;
    ready.clear();
    bytes = 0;
  }
  co_return co_await send(ready);
}

/// Indices are given when items are sent and only to those that the hub takes, so the hub's are without gaps and sending again is safe.
Awaitable<Result<void>> Submitter::send(const std::vector<const Input*>& inputs) {
  if (inputs.empty()) co_return Result<void>{};
  std::string lines;
  std::int64_t index = next_;
  for (const Input* input : inputs) {
    const client::NewItem item{index++, input->name, make_spec(*input, placement_)};
    lines += item.to_line();
  }
  std::function<Awaitable<Result<void>>()> add = [&] { return batches_.add_items(batch_, lines); };
  auto sent = co_await patience_.ask(add);
  if (sent) {
    next_ = index;
    handed_in_ += inputs.size();
    co_return sent;
  }
  if (!may_be_one_item(sent.error())) co_return sent;
  if (inputs.size() == 1) {
    refuse(*inputs.front(), without_line(sent.error()));
    co_return Result<void>{};
  }
  co_return co_await send_singly(inputs);
}

/// One of them was refused; those before it are stored. Each alone shows which.
Awaitable<Result<void>> Submitter::send_singly(std::vector<const Input*> inputs) {
  std::function<Awaitable<Result<std::int64_t>>()> ask = [this] { return batches_.next_index(batch_); };
  auto stored_up_to = co_await patience_.ask(ask);
  if (!stored_up_to) co_return pass(stored_up_to);
  const auto stored = static_cast<std::size_t>(std::max<std::int64_t>(0, *stored_up_to - next_));
  next_ = std::max(next_, *stored_up_to);
  handed_in_ += std::min(stored, inputs.size());
  for (std::size_t at = stored; at < inputs.size(); ++at) {
    const std::vector<const Input*> one{inputs[at]};
    auto sent = co_await send(one);
    if (!sent) co_return sent;
  }
  co_return Result<void>{};
}

void Submitter::refuse(const Input& input, const Error& why) {
  ++handed_in_;
  on_refused_(input, why);
}

Awaitable<Result<void>> Submitter::upload(const Input& input) {
  if (uploaded_.contains(input.blob)) co_return Result<void>{};
  std::function<Awaitable<Result<bool>>()> ask = [&] { return batches_.has_blob(input.blob); };
  auto there = co_await patience_.ask(ask);
  if (!there) co_return pass(there);
  if (!*there) {
    std::function<Result<std::string>()> read = [path = input.path, blob = input.blob]() -> Result<std::string> {
      auto content = read_file(path, document_limit);
      if (!content) return fail(Code::io, "cannot be read: " + content.error().message);
      if (sha256_hex(*content) != blob) return fail(Code::io, "changed while it was handed in", "run the same command again");
      return content;
    };
    auto content = co_await pool_.run(read);
    if (!content) co_return pass(content);
    std::function<Awaitable<Result<void>>()> put = [&] { return batches_.put_blob(input.blob, *content); };
    auto stored = co_await patience_.ask(put);
    if (!stored) co_return stored;
  }
  uploaded_.insert(input.blob);
  co_return Result<void>{};
}

}  // namespace flotte::cli
