// The fleet's shell: flows, projects and workers that people hold and let go.
#include <fmt/format.h>

#include "base/async/answer.hpp"
#include "fleet/detail/core.hpp"
#include "fleet/fleet.hpp"

namespace flotte::fleet {

namespace detail {

void Core::use(Shares shares) {
  {
    const std::lock_guard lock(shares_mutex_);
    shares_ = shares;
  }
  act_here<bool>(
      [self = shared_from_this(), shares = std::move(shares)](Ledger&) -> Result<bool> {
        self->dispatcher_.use(shares);
        return true;
      },
      [](Result<bool>) {});
}

Shares Core::shares() const {
  const std::lock_guard lock(shares_mutex_);
  return shares_;
}

void Core::pause_worker(const std::string& node, const std::string& worker, Paused paused, std::function<void(Result<void>)> done) {
  auto self = shared_from_this();
  const auto id = view_.find(node);
  act_here<bool>(
      [self, id, node, worker, paused](Ledger& ledger) -> Result<bool> {
        if (auto good = fleet::pause_worker(ledger, node, worker, paused); !good) return pass(good);
        if (id) self->dispatcher_.set_paused(*id, worker, paused);
        return true;
      },
      [self, id, node, worker, paused, done](Result<bool> r) {
        if (r && id) {
          self->view_.set_paused(*id, worker, paused == Paused::yes);
          self->say(worker_word, worker + "@" + node);
        }
        done(r ? Result<void>() : Result<void>(pass(r)));
      });
}

}  // namespace detail

void Fleet::use(Shares shares) { core_->use(std::move(shares)); }
Waits Fleet::waits() const { return core_->waits_.read(); }

Awaitable<Result<FlowPage>> Fleet::list_flows(FlowFilter filter) {
  return store_.read<FlowPage>([filter = std::move(filter), shares = core_->shares()](store::Transaction& rows) -> Result<FlowPage> {
    return fleet::list_flows(rows, filter, shares);
  });
}

Awaitable<Result<std::vector<ProjectView>>> Fleet::list_projects() {
  return store_.read<std::vector<ProjectView>>([shares = core_->shares()](store::Transaction& rows) -> Result<std::vector<ProjectView>> {
    return fleet::list_projects(rows, shares);
  });
}

Awaitable<Result<FlowView>> Fleet::pause_flow(std::int64_t flow, Paused paused) {
  std::function<void(std::function<void(Result<FlowView>)>)> start = [core = core_, flow,
                                                                      paused](std::function<void(Result<FlowView>)> done) {
    core->act_here<FlowView>(
        [core, flow, paused](Ledger& ledger) -> Result<FlowView> {
          if (auto good = fleet::pause_flow(ledger, flow, paused); !good) return pass(good);
          return *show_flow(ledger.rows, flow, core->shares());
        },
        done);
  };
  return await_answer<Result<FlowView>>(std::move(start));
}

Awaitable<Result<void>> Fleet::pause_project(std::string project, Paused paused) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, project, paused](std::function<void(Result<void>)> done) {
    core->act_here<bool>(
        [project, paused](Ledger& ledger) -> Result<bool> {
          fleet::pause_project(ledger, project, paused);
          return true;
        },
        [done](Result<bool> r) { done(r ? Result<void>() : Result<void>(pass(r))); });
  };
  return await_answer<Result<void>>(std::move(start));
}

Awaitable<Result<void>> Fleet::pause_worker(std::string node, std::string worker, Paused paused) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, post = post_, node, worker,
                                                                  paused](std::function<void(Result<void>)> done) {
    post([core, node, worker, paused, done] { core->pause_worker(node, worker, paused, done); });
  };
  return await_answer<Result<void>>(std::move(start));
}

}  // namespace flotte::fleet
