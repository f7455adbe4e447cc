// How each program is told about another address.
#include "cli/clients/programs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/nearest.hpp"

namespace flotte::cli {
namespace {

constexpr LaunchProgram programs[] = {{"claude", "@anthropic-ai/claude-code", "/v1/messages", "Anthropic's messages", "messages"},
                                      {"codex", "@openai/codex", "/v1/responses", "OpenAI's responses", "responses"},
                                      {"gemini", "@google/gemini-cli", "/v1beta/models", "Gemini's API", "gemini"},
                                      {"opencode", "opencode-ai", "/v1/chat/completions", "OpenAI's chat completions", "chat"}};

constexpr const char* key_variable = "FLOTTE_CLIENT_KEY";  // where Codex finds the key: not on its command line

/// A login is neither used nor sent: the program gets a directory of its own instead of ~/.claude, and no token of the environment.
void plan_claude(const HubAccess& access, const LaunchModels& models, LaunchPlan& plan) {
  const std::string home = access.directory + "/claude";
  plan.directories.push_back(home);
  plan.set = {{"ANTHROPIC_BASE_URL", access.url},
              {"ANTHROPIC_AUTH_TOKEN", access.key.reveal()},
              {"ANTHROPIC_MODEL", models.main},
              {"ANTHROPIC_DEFAULT_HAIKU_MODEL", models.small()},
              {"CLAUDE_CONFIG_DIR", home},
              // Nothing of a run on this hub is told to the vendor: no telemetry, no checks for updates.
              {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"}};
  plan.unset = {"CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDECODE"};
}

std::string override_of(std::string_view key, std::string_view value) {
  // A JSON string of these characters is a TOML string too, which is what the program reads.
  return fmt::format("{}={}", key, json::dump(json::value(value)));
}

void plan_codex(const HubAccess& access, const LaunchModels& models, LaunchPlan& plan) {
  const std::pair<std::string_view, std::string> overrides[] = {{"model_provider", "flotte"},
                                                                {"model_providers.flotte.name", "flotte"},
                                                                {"model_providers.flotte.base_url", access.url + "/v1"},
                                                                {"model_providers.flotte.env_key", key_variable},
                                                                {"model_providers.flotte.wire_api", "responses"},
                                                                {"model", models.main}};
  for (const auto& [key, value] : overrides) {
    plan.arguments.emplace_back("-c");
    plan.arguments.push_back(override_of(key, value));
  }
  plan.set = {{key_variable, access.key.reveal()}};
}

/// Its settings choose between a login and a key; a home of its own chooses the key for this run.
void plan_gemini(const HubAccess& access, const LaunchModels& models, LaunchPlan& plan) {
  const std::string home = access.directory + "/gemini";
  plan.directories = {home, home + "/.gemini"};
  json::object settings;
  settings["security"] = json::object{{"auth", json::object{{"selectedType", "gemini-api-key"}}}};
  settings["privacy"] = json::object{{"usageStatisticsEnabled", false}};
  plan.files = {{home + "/.gemini/settings.json", json::dump_pretty(settings)}};
  plan.set = {{"GOOGLE_GEMINI_BASE_URL", access.url},
              {"GEMINI_API_KEY", access.key.reveal()},
              {"GEMINI_MODEL", models.main},
              {"GEMINI_CLI_HOME", home}};
  plan.unset = {"GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"};
  const bool loopback =
      access.url.starts_with("http://127.") || access.url.starts_with("http://localhost") || access.url.starts_with("http://[::1]");
  if (access.url.starts_with("http://") && !loopback)
    plan.warnings.emplace_back("Gemini CLI takes plain http only from this machine itself; give the hub's https address");
}

void plan_opencode(const HubAccess& access, const LaunchModels& models, LaunchPlan& plan) {
  json::object names;
  for (const std::string& name : models.all) names[name] = json::object{{"name", name}};
  names[models.main] = json::object{{"name", models.main}};
  json::object options;
  options["baseURL"] = access.url + "/v1";
  options["apiKey"] = access.key.reveal();
  json::object provider;
  provider["npm"] = "@ai-sdk/openai-compatible";
  provider["name"] = "flotte";
  provider["options"] = std::move(options);
  provider["models"] = std::move(names);
  json::object config;
  config["provider"] = json::object{{"flotte", std::move(provider)}};
  config["model"] = "flotte/" + models.main;
  config["small_model"] = "flotte/" + models.small();
  config["share"] = "disabled";
  plan.set = {{"OPENCODE_CONFIG_CONTENT", json::dump(config)}};
}

}  // namespace

std::span<const LaunchProgram> launch_programs() { return programs; }

Result<const LaunchProgram*> find_launch_program(std::string_view name) {
  std::vector<std::string_view> known;
  for (const LaunchProgram& program : programs) {
    if (program.name == name) return &program;
    known.push_back(program.name);
  }
  const auto nearest = find_nearest(name, known);
  return fail(Code::invalid_argument, fmt::format("flotte cannot launch \"{}\"", name),
              nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                      : "it knows claude, codex, gemini and opencode; `flotte env` prints variables for other programs");
}

std::string LaunchModels::small() const { return std::find(all.begin(), all.end(), "fast") != all.end() ? "fast" : main; }

LaunchPlan plan_launch(const LaunchProgram& program, const HubAccess& access, const LaunchModels& models,
                       const std::vector<std::string>& arguments) {
  LaunchPlan plan;
  if (program.name == "claude") plan_claude(access, models, plan);
  if (program.name == "codex") plan_codex(access, models, plan);
  if (program.name == "gemini") plan_gemini(access, models, plan);
  if (program.name == "opencode") plan_opencode(access, models, plan);
  for (Variable& variable : trust_variables(access)) plan.set.push_back(std::move(variable));
  plan.arguments.insert(plan.arguments.end(), arguments.begin(), arguments.end());
  return plan;
}

}  // namespace flotte::cli
