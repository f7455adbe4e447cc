// Every path that the hub answers, in one table.
#include "hub/api.hpp"

namespace flotte::hub {
namespace {

constexpr Route table[] = {
    // models
    {"POST", "/v1/chat/completions", Need::models, chat_completions},
    {"POST", "/v1/completions", Need::models, completions},
    {"POST", "/v1/embeddings", Need::models, embeddings},
    {"POST", "/v1/responses", Need::models, responses},
    {"POST", "/v1/responses/compact", Need::models, refuse_compaction},
    {"GET", "/v1/responses/{id}", Need::models, no_kept_response},
    {"DELETE", "/v1/responses/{id}", Need::models, no_kept_response},
    {"GET", "/v1/responses/{id}/input_items", Need::models, no_kept_response},
    {"POST", "/v1/responses/{id}/cancel", Need::models, no_kept_response},
    {"POST", "/v1/messages", Need::models, messages},
    {"POST", "/v1/messages/count_tokens", Need::models, count_tokens},
    {"GET", "/v1/models", Need::models, list_gateway_models},
    {"GET", "/v1/models/{id...}", Need::models, show_gateway_model},
    {"POST", "/v1/models/{call...}", Need::models, call_gemini},  // as Google's client asks since its third version
    {"GET", "/v1beta/models", Need::models, list_gateway_models},
    {"GET", "/v1beta/models/{id...}", Need::models, show_gateway_model},
    {"POST", "/v1beta/models/{call...}", Need::models, call_gemini},
    {"POST", "/v1beta/{call...}", Need::models, call_gemini},  // clients that take a name with a slash for a whole path
    {"POST", "/api/chat", Need::models, ollama_chat},
    {"POST", "/api/generate", Need::models, ollama_generate},
    {"POST", "/api/embed", Need::models, ollama_embed},
    {"POST", "/api/embeddings", Need::models, ollama_embeddings},
    {"GET", "/api/tags", Need::models, list_ollama_models},
    {"POST", "/api/show", Need::models, show_ollama_model},
    {"GET", "/api/ps", Need::models, list_running_ollama_models},
    {"GET", "/api/version", Need::models, show_ollama_version},
    {"POST", "/api/pull", Need::models, pull_ollama_model},
    {"POST", "/api/push", Need::models, refuse_ollama_management},
    {"POST", "/api/create", Need::models, refuse_ollama_management},
    {"POST", "/api/copy", Need::models, refuse_ollama_management},
    {"DELETE", "/api/delete", Need::models, refuse_ollama_management},
    {"POST", "/api/blobs/{digest}", Need::models, refuse_ollama_management},
    // tasks
    {"POST", "/fleet/v1/tasks", Need::tasks, submit_task},
    {"GET", "/fleet/v1/tasks", Need::tasks, list_tasks},
    {"GET", "/fleet/v1/tasks/{id}", Need::tasks, show_task},
    {"GET", "/fleet/v1/tasks/{id}/events", Need::tasks, follow_task},
    {"GET", "/fleet/v1/tasks/{id}/log", Need::tasks, read_task_log},
    {"GET", "/fleet/v1/tasks/{id}/why", Need::tasks, explain_task},
    {"POST", "/fleet/v1/tasks/{id}/cancel", Need::tasks, cancel_task},
    {"POST", "/fleet/v1/tasks/{id}/retry", Need::tasks, retry_task},
    {"GET", "/fleet/v1/tasks/{id}/calls", Need::tasks, list_task_calls},
    {"GET", "/fleet/v1/tasks/{id}/steps", Need::own_task, list_steps},
    {"GET", "/fleet/v1/tasks/{id}/steps/{name}", Need::own_task, get_step},
    {"PUT", "/fleet/v1/tasks/{id}/steps/{name}", Need::own_task, put_step},
    // batches
    {"POST", "/fleet/v1/batches", Need::tasks, create_batch},
    {"GET", "/fleet/v1/batches", Need::tasks, list_batches},
    {"GET", "/fleet/v1/batches/{id}", Need::tasks, show_batch},
    {"POST", "/fleet/v1/batches/{id}/items", Need::tasks, add_batch_items},
    {"GET", "/fleet/v1/batches/{id}/items", Need::tasks, list_batch_items},
    {"POST", "/fleet/v1/batches/{id}/seal", Need::tasks, seal_batch},
    {"POST", "/fleet/v1/batches/{id}/cancel", Need::tasks, cancel_batch},
    {"POST", "/fleet/v1/batches/{id}/pause", Need::tasks, pause_batch},
    {"POST", "/fleet/v1/batches/{id}/resume", Need::tasks, resume_batch},
    {"POST", "/fleet/v1/batches/{id}/retry", Need::tasks, retry_batch},
    // schedules
    {"POST", "/fleet/v1/schedules", Need::tasks, add_schedule},
    {"GET", "/fleet/v1/schedules", Need::tasks, list_schedules},
    {"GET", "/fleet/v1/schedules/{id}", Need::tasks, show_schedule},
    {"PATCH", "/fleet/v1/schedules/{id}", Need::tasks, change_schedule},
    {"DELETE", "/fleet/v1/schedules/{id}", Need::tasks, remove_schedule},
    {"POST", "/fleet/v1/schedules/{id}/pause", Need::tasks, pause_schedule},
    {"POST", "/fleet/v1/schedules/{id}/resume", Need::tasks, resume_schedule},
    {"POST", "/fleet/v1/schedules/{id}/run", Need::tasks, run_schedule},
    // blobs
    {"PUT", "/fleet/v1/blobs/{sha256}", Need::blobs, put_blob},
    {"GET", "/fleet/v1/blobs/{sha256}", Need::blobs, get_blob},
    // the fleet
    {"GET", "/fleet/v1/nodes", Need::tasks, list_nodes},
    {"GET", "/fleet/v1/nodes/{id}", Need::tasks, show_node},
    {"PATCH", "/fleet/v1/nodes/{id}", Need::admin, change_node},
    {"DELETE", "/fleet/v1/nodes/{id}", Need::admin, remove_node},
    {"POST", "/fleet/v1/nodes/{id}/drain", Need::admin, drain_node},
    {"POST", "/fleet/v1/nodes/{id}/suspend", Need::admin, suspend_node},
    {"POST", "/fleet/v1/nodes/{id}/wake", Need::admin, wake_node},
    {"GET", "/fleet/v1/workers", Need::tasks, list_workers},
    {"POST", "/fleet/v1/workers", Need::admin, add_worker},
    {"GET", "/fleet/v1/workers/{id}", Need::tasks, show_worker},
    {"PUT", "/fleet/v1/workers/{id}", Need::admin, set_worker},
    {"DELETE", "/fleet/v1/workers/{id}", Need::admin, remove_worker},
    {"POST", "/fleet/v1/workers/{id}/pause", Need::admin, pause_worker},
    {"POST", "/fleet/v1/workers/{id}/resume", Need::admin, resume_worker},
    {"GET", "/fleet/v1/flows", Need::tasks, list_flows},
    {"POST", "/fleet/v1/flows/{id}/pause", Need::admin, pause_flow},
    {"POST", "/fleet/v1/flows/{id}/resume", Need::admin, resume_flow},
    {"GET", "/fleet/v1/projects", Need::tasks, list_projects},
    {"POST", "/fleet/v1/projects/{name}/pause", Need::admin, pause_project},
    {"POST", "/fleet/v1/projects/{name}/resume", Need::admin, resume_project},
    {"GET", "/fleet/v1/models", Need::client, list_models},
    {"GET", "/fleet/v1/providers", Need::admin, list_providers},
    {"POST", "/fleet/v1/providers", Need::admin, add_provider},
    {"DELETE", "/fleet/v1/providers/{name}", Need::admin, remove_provider},
    {"POST", "/fleet/v1/invites", Need::admin, create_invite},
    {"POST", "/fleet/v1/enrol", Need::nothing, enrol_node},        // the one-time code is the credential
    {"GET", "/fleet/v1/node", Need::nothing, open_link},           // the node signs a challenge
    {"GET", "/fleet/v1/node/stream", Need::nothing, open_stream},  // the link's ticket
    {"GET", "/fleet/v1/live", Need::tasks, open_live},
    {"GET", "/join", Need::nothing, show_join_script},
    {"GET", "/ca.pem", Need::nothing, show_authority},
    // account
    {"POST", "/fleet/v1/keys", Need::admin, add_key},
    {"GET", "/fleet/v1/keys", Need::admin, list_keys},
    {"PATCH", "/fleet/v1/keys/{id}", Need::admin, change_key},
    {"DELETE", "/fleet/v1/keys/{id}", Need::admin, remove_key},
    {"POST", "/fleet/v1/session", Need::nothing, open_session},  // the key or code is in the body
    {"GET", "/fleet/v1/session", Need::client, show_session},
    {"DELETE", "/fleet/v1/session", Need::nothing, close_session},
    {"POST", "/fleet/v1/session/codes", Need::client, make_sign_in_code},
    {"GET", "/fleet/v1/usage", Need::tasks, show_usage},
    // the flight recorder
    {"GET", "/fleet/v1/requests", Need::admin, list_requests},
    {"GET", "/fleet/v1/requests/{id}", Need::admin, show_request},
    {"POST", "/fleet/v1/requests/{id}/replay", Need::admin, replay_request},
    // joining
    {"GET", "/join/flotte.tar.gz", Need::nothing, get_package},  // no secret: the program itself
    // operation
    {"POST", "/fleet/v1/reload", Need::admin, reload_configuration},
    // health
    {"GET", "/healthz", Need::nothing, show_health},
    {"GET", "/readyz", Need::nothing, show_ready},
    {"GET", "/metrics", Need::client, show_metrics},
    {"GET", "/fleet/v1/openapi.json", Need::nothing, show_openapi},
};

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace flotte::hub
