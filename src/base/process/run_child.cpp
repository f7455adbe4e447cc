// Short helpers, from start to end.
#include <signal.h>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "base/async/wait.hpp"
#include "base/process/child.hpp"

namespace flotte {
namespace {

using namespace asio::experimental::awaitable_operators;

struct Run {
  Run(Child c, Executor executor) : child(std::move(c)), talked(executor) {}
  Child child;
  Event talked;
  ChildLimits limits;
  std::string input;
  ChildOutput output;
  bool too_much = false;
};

Awaitable<void> feed(Run& run) {
  boost::system::error_code ignored;  // a child that does not read its input to the end is no error of ours
  if (run.child.in()) co_await asio::async_write(*run.child.in(), asio::buffer(run.input), asio::redirect_error(use_awaitable, ignored));
  run.child.close_input();
}

Awaitable<void> collect_out(Run& run) {
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    boost::system::error_code error;
    const std::size_t n = co_await run.child.out()->async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
    if (error) co_return;
    if (run.output.out.size() + n > run.limits.output_bytes) {
      run.too_much = true;
      run.child.signal(SIGKILL);
      co_return;
    }
    run.output.out.append(buffer.data(), n);
  }
}

Awaitable<void> collect_err(Run& run) {
  std::vector<char> buffer(4 * 1024);
  for (;;) {
    boost::system::error_code error;
    const std::size_t n = co_await run.child.err()->async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
    if (error) co_return;
    std::string& text = run.output.err;
    text.append(buffer.data(), n);
    if (text.size() > run.limits.error_bytes) text.erase(0, text.size() - run.limits.error_bytes);
  }
}

Awaitable<void> talk(Run& run) {
  Awaitable<void> fed = feed(run), out = collect_out(run), err = collect_err(run);
  co_await (std::move(fed) && std::move(out) && std::move(err));
  run.talked.set();
}

/// The end of the child, and then of its pipes: a process that left its group with a pipe in its hand is not waited for.
Awaitable<Result<ExitStatus>> finish(Run& run) {
  auto status = co_await run.child.wait();
  if (!status) co_return status;
  if (!co_await run.talked.wait_for(std::chrono::milliseconds(500))) {
    for (PipeEnd* pipe : {run.child.in(), run.child.out(), run.child.err()})
      if (pipe) pipe->cancel();
  }
  co_return status;
}

Awaitable<Result<ExitStatus>> converse(Run& run) {
  Awaitable<void> talked = talk(run);
  Awaitable<Result<ExitStatus>> finished = finish(run);
  co_return co_await (std::move(talked) && std::move(finished));
}

}  // namespace

Awaitable<Result<ChildOutput>> run_child(ChildSpec spec, ChildLimits limits, std::string input) {
  auto executor = co_await asio::this_coro::executor;
  const std::string name = spec.argv.empty() ? "" : spec.argv.front();
  spec.out.kind = spec.err.kind = Sink::Kind::pipe;
  spec.input_pipe = !input.empty();
  auto child = Child::start(executor, spec);
  if (!child) co_return pass(child);
  Run run(std::move(*child), executor);
  run.limits = limits;
  run.input = std::move(input);
  Awaitable<Result<ExitStatus>> conversation = converse(run);
  auto status = co_await with_deadline(limits.time, std::move(conversation));
  if (run.too_much) co_return fail(Code::too_large, fmt::format("{} wrote more than {} bytes", name, limits.output_bytes));
  if (!status && status.error().code == Code::deadline)
    co_return fail(Code::deadline, fmt::format("{} took longer than {} s", name, limits.time.count() / 1000.0));
  if (!status) co_return pass(status, name);
  run.output.status = *status;
  co_return std::move(run.output);
}

}  // namespace flotte
