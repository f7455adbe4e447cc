// The tables: which API comes nearest to which, and what servers are known to want.
#include "route/translation.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "dialect/translate_embeddings.hpp"

namespace flotte::route {
namespace {

using dialect::Api;
using dialect::Format;

/// What a client's API is translated to, the most faithful first.
///   chat       mistral is the same with other fields, responses the same vendor's; messages and gemini have tools, images and thinking
///   mistral    chat as above
///   responses  chat is the same vendor's; messages carries signed thinking and pictures in results of tools, gemini nearly as much
///   messages   responses carries encrypted reasoning and pictures in results of tools, gemini signatures; chat neither
///   gemini     messages and responses as above; chat has no signatures
///   ollama     chat has its seed and penalties; messages its top_k; the prompts of `generate` and `completions` fit into all of them
/// Places that are left empty mean chat, which every list has.
struct Preference {
  Api client;
  std::array<Api, 6> providers;
};
constexpr std::array preferences{
    Preference{Api::chat, {Api::mistral, Api::responses, Api::messages, Api::gemini, Api::ollama_chat}},
    Preference{Api::mistral, {Api::chat, Api::responses, Api::messages, Api::gemini, Api::ollama_chat}},
    Preference{Api::responses, {Api::chat, Api::messages, Api::gemini, Api::mistral, Api::ollama_chat}},
    Preference{Api::messages, {Api::responses, Api::gemini, Api::chat, Api::mistral, Api::ollama_chat}},
    Preference{Api::gemini, {Api::messages, Api::responses, Api::chat, Api::mistral, Api::ollama_chat}},
    Preference{Api::ollama_chat, {Api::chat, Api::messages, Api::gemini, Api::responses, Api::mistral}},
    Preference{Api::ollama_generate, {Api::chat, Api::messages, Api::gemini, Api::responses, Api::mistral}},
    Preference{Api::completions, {Api::chat, Api::mistral, Api::ollama_chat, Api::messages, Api::gemini, Api::responses}},
};

/// Facts of servers of OpenAI's chat completions, by their host. Sources: the vendors' API references, 2026.
struct ServerFacts {
  std::string_view host;  // this one, or one below it
  dialect::Target::Limit limit;
  dialect::Target::PastReasoning past;
  dialect::Target::Effort effort;
  bool system_for_developer;
};
using Limit = dialect::Target::Limit;
using Past = dialect::Target::PastReasoning;
using Effort = dialect::Target::Effort;
constexpr std::array servers{
    ServerFacts{"api.openai.com", Limit::max_completion_tokens, Past::leave_out, Effort::leave_out, false},
    ServerFacts{"openrouter.ai", Limit::max_tokens, Past::reasoning_content, Effort::send, true},
    ServerFacts{"api.deepseek.com", Limit::max_tokens, Past::reasoning_content, Effort::leave_out, true},
    ServerFacts{"api.groq.com", Limit::max_completion_tokens, Past::leave_out, Effort::leave_out, true},
    ServerFacts{"api.mistral.ai", Limit::max_tokens, Past::leave_out, Effort::leave_out, true},
    ServerFacts{"generativelanguage.googleapis.com", Limit::max_completion_tokens, Past::leave_out, Effort::send, true},
};
/// Every server of that API knows max_tokens; what it does with a field that it does not know nobody can tell.
constexpr ServerFacts any_server{"", Limit::max_tokens, Past::leave_out, Effort::leave_out, true};
/// llama-server and vLLM read their own field back and pass over what they do not know.
constexpr ServerFacts any_engine{"", Limit::max_tokens, Past::reasoning_content, Effort::send, true};

bool host_is(std::string_view authority, std::string_view host) {
  authority = authority.substr(0, authority.find(':'));
  if (!authority.ends_with(host)) return false;
  return authority.size() == host.size() || authority[authority.size() - host.size() - 1] == '.';
}

const ServerFacts& server_of(const Target& target) {
  if (target.kind == TargetKind::engine) return any_engine;
  if (target.upstream && target.upstream->connector)
    for (const ServerFacts& server : servers)
      if (host_is(target.upstream->connector->authority(), server.host)) return server;
  return any_server;
}

/// Models that think take another word for the limit, and the effort; wherever they are served.
bool openai_thinks(std::string_view model) {
  if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (model.starts_with("gpt-oss")) return true;
  if (model.size() > 4 && model.starts_with("gpt-")) return model[4] >= '5' && model[4] <= '9' && model.find("chat") == model.npos;
  return model.size() > 1 && model[0] == 'o' && model[1] >= '1' && model[1] <= '9';
}

/// The version in "claude-opus-4-5-20251101" (405) or "claude-3-7-sonnet" (307); 0: none. Dates are no versions.
int claude_version(std::string_view model) {
  int version = 0, numbers = 0;
  while (!model.empty() && numbers < 2) {
    const std::size_t end = std::min(model.find_first_of("-.@"), model.size());
    int number = 0;
    const auto [stop, wrong] = std::from_chars(model.data(), model.data() + end, number);
    if (wrong == std::errc() && stop == model.data() + end && number < 100) {
      version = numbers++ == 0 ? number * 100 : version + number;
    } else if (numbers > 0) {
      break;
    }
    model.remove_prefix(std::min(end + 1, model.size()));
  }
  return version;
}

/// Sources: Anthropic's "Models overview" (longest answers) and "Extended thinking" (budgets until 4.5, adaptive from 4.6 on).
void describe_claude(std::string_view model, dialect::Target& facts) {
  const int version = model.find("claude") == std::string_view::npos ? 0 : claude_version(model);
  if (version == 0) return;
  if (version < 406) facts.thinking = dialect::Target::Thinking::budget;
  facts.default_max_tokens = version < 305                                       ? 4'096
                             : version < 307                                     ? 8'192
                             : version < 402 && model.find("opus") != model.npos ? 32'000
                                                                                 : 64'000;
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) out += c < 0x20 || c > 0x7E ? '?' : c;
  return out;
}

}  // namespace

std::optional<dialect::Api> choose_api(dialect::Api client, dialect::ApiSet spoken, bool rewrite) noexcept {
  if (spoken.speaks(client) && !rewrite) return client;
  if (dialect::facts_of(client).purpose == dialect::Purpose::embed) {
    for (const Api api : {Api::embeddings, Api::gemini_batch_embed, Api::ollama_embed})
      if (spoken.speaks(api) && dialect::can_translate_embeddings(client, api)) return api;
    return std::nullopt;
  }
  for (const Preference& preference : preferences) {
    if (preference.client != client) continue;
    for (const Api api : preference.providers)
      if (spoken.speaks(api) && dialect::can_translate(dialect::facts_of(client).format, dialect::facts_of(api).format)) return api;
  }
  return std::nullopt;
}

dialect::Target describe(const Target& target, dialect::Api api) {
  dialect::Target facts;
  facts.model = target.model;
  if (dialect::facts_of(api).format == Format::anthropic) {
    describe_claude(target.model, facts);
    return facts;
  }
  facts.mistral = api == Api::mistral;
  const ServerFacts& server = server_of(target);
  facts.limit = server.limit;
  facts.past_reasoning = server.past;
  facts.effort = server.effort;
  facts.system_role_for_developer = server.system_for_developer;
  if (openai_thinks(target.model)) {
    facts.effort = Effort::send;
    if (target.kind == TargetKind::provider && target.model.find("gpt-oss") == std::string::npos)
      facts.limit = Limit::max_completion_tokens;
  }
  return facts;
}

std::string notes_header(std::span<const dialect::Note> notes) {
  std::string out;
  std::size_t shown = 0;
  for (const dialect::Note& note : notes) {
    std::string one = plain(note.field) + (note.fate == dialect::Fate::dropped ? " left out" : " approximated");
    if (out.size() + one.size() + 24 > notes_limit) break;
    if (shown++ > 0) out += ", ";
    out += one;
  }
  if (shown < notes.size()) out += fmt::format("{}{} more", shown == 0 ? "" : ", and ", notes.size() - shown);
  return out;
}

}  // namespace flotte::route
