// The functions that answer, one per row of the table in routes.cpp. Each answers in every case; errors in the fleet API's shape.
#pragma once
#include "base/json.hpp"
#include "hub/router.hpp"
#include "wire/task.hpp"

namespace flotte::hub {

std::span<const Route> routes();

// What several routes read from a request (body.cpp).
inline constexpr std::size_t json_limit = 16 * 1024 * 1024;  // a body that is one JSON object
inline constexpr std::size_t small_limit = 64 * 1024;        // the same where nobody has shown a key yet
/// The body as a JSON object; an empty one is `{}`. Error: as respond_error wants it.
Awaitable<Result<json::object>> read_object(http::ServerCall& call, std::size_t limit = json_limit);
/// Reads what is left of the body and forgets it, so that the client gets to read our answer.
Awaitable<void> read_to_end(http::ServerCall& call);
/// A whole number, or nothing.
std::optional<std::int64_t> parse_number(std::string_view text);
/// "a,b" taken apart; empty words are left out.
std::vector<std::string> split_words(std::string_view text);
/// `limit` of the query, 1 to 1000, 100 where it is absent. Error: invalid_argument.
Result<std::size_t> limit_of(const http::RequestHead& head);
/// A place in a list, as an answer gave it. Error: invalid_argument.
Result<std::int64_t> cursor_of(const http::RequestHead& head, std::string_view name, std::int64_t fallback);
/// `state` of the query; none: all. Error: invalid_argument.
Result<std::vector<wire::TaskState>> task_states_of(const http::RequestHead& head);
/// A time of the query. Error: invalid_argument.
Result<std::optional<WallTime>> time_of(const http::RequestHead& head, std::string_view name);

/// The answer of a list.
json::value page_of(json::array items, json::value next);

// gateway and health (api_gateway.cpp)
Awaitable<void> chat_completions(Request& request);
Awaitable<void> completions(Request& request);
Awaitable<void> embeddings(Request& request);
Awaitable<void> responses(Request& request);
Awaitable<void> no_kept_response(Request& request);
Awaitable<void> refuse_compaction(Request& request);
Awaitable<void> messages(Request& request);
Awaitable<void> count_tokens(Request& request);
Awaitable<void> list_gateway_models(Request& request);
Awaitable<void> show_gateway_model(Request& request);
Awaitable<void> call_gemini(Request& request);
Awaitable<void> reload_configuration(Request& request);
Awaitable<void> show_health(Request& request);
Awaitable<void> show_ready(Request& request);
Awaitable<void> show_openapi(Request& request);
// Ollama's own API (api_ollama.cpp)
Awaitable<void> ollama_chat(Request& request);
Awaitable<void> ollama_generate(Request& request);
Awaitable<void> ollama_embed(Request& request);
Awaitable<void> ollama_embeddings(Request& request);
Awaitable<void> list_ollama_models(Request& request);
Awaitable<void> list_running_ollama_models(Request& request);
Awaitable<void> show_ollama_model(Request& request);
Awaitable<void> show_ollama_version(Request& request);
Awaitable<void> pull_ollama_model(Request& request);
Awaitable<void> refuse_ollama_management(Request& request);
// what was seen (api_metrics.cpp, api_requests.cpp)
Awaitable<void> show_metrics(Request& request);
Awaitable<void> list_requests(Request& request);
Awaitable<void> show_request(Request& request);
Awaitable<void> replay_request(Request& request);
// tasks (api_tasks.cpp)
Awaitable<void> submit_task(Request& request);
Awaitable<void> list_tasks(Request& request);
Awaitable<void> show_task(Request& request);
Awaitable<void> follow_task(Request& request);
Awaitable<void> read_task_log(Request& request);
Awaitable<void> cancel_task(Request& request);
Awaitable<void> retry_task(Request& request);
Awaitable<void> explain_task(Request& request);
// their steps and model calls (api_steps.cpp)
Awaitable<void> list_steps(Request& request);
Awaitable<void> get_step(Request& request);
Awaitable<void> put_step(Request& request);
Awaitable<void> list_task_calls(Request& request);
// batches (api_batches.cpp)
Awaitable<void> create_batch(Request& request);
Awaitable<void> list_batches(Request& request);
Awaitable<void> show_batch(Request& request);
Awaitable<void> add_batch_items(Request& request);
Awaitable<void> list_batch_items(Request& request);
Awaitable<void> seal_batch(Request& request);
Awaitable<void> cancel_batch(Request& request);
Awaitable<void> pause_batch(Request& request);
Awaitable<void> resume_batch(Request& request);
Awaitable<void> retry_batch(Request& request);
// schedules (api_schedules.cpp)
Awaitable<void> add_schedule(Request& request);
Awaitable<void> list_schedules(Request& request);
Awaitable<void> show_schedule(Request& request);
Awaitable<void> change_schedule(Request& request);
Awaitable<void> pause_schedule(Request& request);
Awaitable<void> resume_schedule(Request& request);
Awaitable<void> run_schedule(Request& request);
Awaitable<void> remove_schedule(Request& request);
// blobs (api_blobs.cpp)
Awaitable<void> put_blob(Request& request);
Awaitable<void> get_blob(Request& request);
// the fleet (api_fleet.cpp)
Awaitable<void> list_nodes(Request& request);
Awaitable<void> show_node(Request& request);
Awaitable<void> drain_node(Request& request);
Awaitable<void> suspend_node(Request& request);
Awaitable<void> change_node(Request& request);
Awaitable<void> remove_node(Request& request);
Awaitable<void> list_workers(Request& request);
Awaitable<void> wake_node(Request& request);
// workers defined at the hub (api_workers.cpp)
Awaitable<void> show_worker(Request& request);
Awaitable<void> add_worker(Request& request);
Awaitable<void> set_worker(Request& request);
Awaitable<void> remove_worker(Request& request);
Awaitable<void> list_models(Request& request);
Awaitable<void> open_link(Request& request);
Awaitable<void> open_stream(Request& request);
Awaitable<void> open_live(Request& request);
// providers at run time (api_providers.cpp)
Awaitable<void> list_providers(Request& request);
Awaitable<void> add_provider(Request& request);
Awaitable<void> remove_provider(Request& request);
// joining (api_join.cpp)
Awaitable<void> create_invite(Request& request);
Awaitable<void> enrol_node(Request& request);
Awaitable<void> show_join_script(Request& request);
Awaitable<void> show_authority(Request& request);
// account (api_account.cpp)
Awaitable<void> add_key(Request& request);
Awaitable<void> list_keys(Request& request);
Awaitable<void> remove_key(Request& request);
Awaitable<void> change_key(Request& request);
// flows, projects and workers that people hold and let go (api_flows.cpp)
Awaitable<void> list_flows(Request& request);
Awaitable<void> pause_flow(Request& request);
Awaitable<void> resume_flow(Request& request);
Awaitable<void> list_projects(Request& request);
Awaitable<void> pause_project(Request& request);
Awaitable<void> resume_project(Request& request);
Awaitable<void> pause_worker(Request& request);
Awaitable<void> resume_worker(Request& request);
Awaitable<void> make_sign_in_code(Request& request);
Awaitable<void> open_session(Request& request);
Awaitable<void> show_session(Request& request);
Awaitable<void> close_session(Request& request);
Awaitable<void> show_usage(Request& request);
// joining (api_package.cpp)
Awaitable<void> get_package(Request& request);

}  // namespace flotte::hub
