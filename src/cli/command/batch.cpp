// The commands about batches.
#include "cli/command/batch.hpp"

#include "cli/command/listing.hpp"

namespace flotte::cli {
namespace {

Awaitable<Result<int>> show(Session& session, std::string id) {
  auto batch = co_await session.fleet().get(client::make_path("batches", id));
  if (!batch) co_return pass(batch);
  if (session.common().json())
    print_json(json::value(*batch));
  else
    print(render_batch(*batch));
  co_return status::done;
}

Awaitable<Result<int>> act(Session& session, std::string id, std::string what) {
  json::object nothing;
  auto batch = co_await session.fleet().post(client::make_path("batches", id, what), std::move(nothing));
  if (!batch) co_return pass(batch);
  if (session.common().json())
    print_json(json::value(*batch));
  else
    print(render_batch(*batch));
  if (what == "retry" && !session.common().json()) print("`flotte batch attach " + id + "` follows it\n");
  co_return status::done;
}

}  // namespace

int run_batch(const Common& common, const BatchRunOptions& options) {
  Session session(common);
  if (!session.open()) return status::usage;
  BatchJob job(session);
  if (auto prepared = job.prepare(options); !prepared) {
    report(prepared.error(), common.output);
    // Wrong paths and a missing prompt are wrong usage; nothing was started.
    const Code code = prepared.error().code;
    return code == Code::invalid_argument || code == Code::not_found ? status::usage : status::failed;
  }
  const int code = session.run([&](Session&) { return job.run(); });
  if (session.interrupted()) job.leave();
  return code;
}

int run_batch_attach(const Common& common, const BatchAttachOptions& options) {
  Session session(common);
  if (!session.open()) return status::usage;
  BatchJob job(session);
  const int code = session.run([&](Session&) { return job.attach(options); });
  if (session.interrupted()) job.leave();
  return code;
}

int run_batch_ls(const Common& common, const std::string& state, std::size_t limit) {
  Listing listing;
  listing.path = client::make_path("batches");
  listing.query = {{"state", state}};
  listing.limit = limit;
  listing.render = render_batches;
  return run_listing(common, listing);
}

int run_batch_show(const Common& common, const std::string& id) {
  Session session(common);
  return session.run([&](Session& s) { return show(s, id); });
}

int run_batch_action(const Common& common, const std::string& id, const std::string& what) {
  Session session(common);
  return session.run([&](Session& s) { return act(s, id, what); });
}

}  // namespace flotte::cli
