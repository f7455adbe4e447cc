// Every section and key of the configuration file.
#include <array>

#include "base/config.hpp"

namespace flotte::config {
namespace {

constexpr std::array<Section, 13> section_table{{
    {"hub", false, "The hub: gateway, queue and cockpit."},
    {"node", false, "This machine as a node."},
    {"provider", true, "Somebody's API."},
    {"provider.limits", false, "What the provider allows; 0 = no limit known."},
    {"provider.timeouts", false, "How long to wait for the provider."},
    {"model", true, "A name that clients ask for, and what stands behind it."},
    {"model.targets", true, "In order: a provider or an engine, and its model."},
    {"model.rules", true, "Instead of targets: the first rule that fits chooses another model; the last one has no `when`."},
    {"model.rules.when", false, "What must hold of a request: all of it."},
    {"project", true, "What tasks of one project may use."},
    {"engine", true, "An inference server that this machine looks after, or uses as it is."},
    {"worker", true, "Something on this machine that tasks can be given to."},
    {"worker.limits", false, "What one run of the worker may use."},
}};
constexpr Key key_table[] = {
    {"hub", "name", Type::text, "", "", "\"attic\"", "The hub's name; default: the host's."},
    {"hub", "listen", Type::text, "", "\"127.0.0.1:7700\"", "", "Address and port of everything the hub serves."},
    {"hub", "tls", Type::text, "auto|off", "\"auto\"", "", "\"off\" says that an address beyond loopback without TLS is meant."},
    {"hub", "tls_cert", Type::text, "", "", "\"/etc/flotte/cert.pem\"", "A certificate of one's own, PEM, with its chain."},
    {"hub", "tls_key", Type::text, "", "", "\"/etc/flotte/key.pem\"", "The certificate's private key, PEM."},
    {"hub", "database", Type::text, "", "\"sqlite\"", "", "\"sqlite\", or \"postgres://user@host/db\"."},
    {"hub", "default", Type::text, "", "", "\"smart\"", "The model that is named `default`."},
    {"hub", "node_lease", Type::duration, "", "\"30s\"", "",
     "A node that is not heard of for so long is lost; it speaks at a third of it."},
    {"hub", "suspend_grace", Type::duration, "", "\"1h\"", "",
     "A node that says that it sleeps keeps its running commands that long; 0s: it gives them back."},
    {"hub", "loops", Type::integer, "", "0", "", "Threads that serve calls, at most 64; 0: half of the machine's processors, at most 8.",
     false, {0, 64}},
    {"hub", "record", Type::text, "off|heads|bodies", "\"heads\"", "",
     "What the flight recorder keeps of the last model calls, in memory only (flotte requests)."},
    {"hub", "record_count", Type::integer, "", "1000", "", "So many calls at most."},
    {"hub", "record_bytes", Type::size, "", "\"32M\"", "", "All of them together; the oldest make room."},
    {"hub", "record_age", Type::duration, "", "\"1h\"", "", "Older ones are forgotten."},
    {"hub", "record_body", Type::size, "", "\"256K\"", "", "Kept of one body where bodies are kept; only whole ones can be sent again."},
    {"hub", "access_log", Type::text, "", "\"off\"", "", "One JSON line for each request: off, stderr, or a file."},

    {"node", "name", Type::text, "", "", "\"box\"", "The node's name; default: the host's."},
    {"node", "labels", Type::texts, "", "[]", "[\"gpu\"]", "Labels that every worker of this node has."},
    {"node", "find", Type::boolean, "", "true", "true",
     "Whether an Ollama or a llama-server that runs here already, and a GGUF file in DATA/models, become engines by themselves."},
    {"node", "wake", Type::boolean, "", "false", "",
     "Whether it may be woken by network (wake-on-LAN) when there is work that only it can do."},
    {"node", "egress", Type::texts, "", "[]", "[\"api.anthropic.com:443\"]", "What others may reach through this machine."},

    {"provider", "name", Type::text, "", "", "\"anthropic\"", "As in `provider/model`.", true},
    {"provider", "dialect", Type::text, "openai|anthropic|gemini|mistral|ollama", "", "\"anthropic\"", "The language of its API.", true},
    {"provider", "apis", Type::texts, "chat|completions|responses|messages|gemini|embeddings|ollama|mistral", "", "[\"messages\"]",
     "Client APIs that pass through to it untranslated; default: by dialect."},
    {"provider", "base_url", Type::text, "", "", "\"https://api.anthropic.com\"", "Where its API is; default: by dialect."},
    {"provider", "api_key", Type::secret, "", "", "\"env:ANTHROPIC_API_KEY\"",
     "\"env:NAME\" or \"file:/path\"; unset: the provider is off."},
    {"provider", "via", Type::text, "", "\"direct\"", "", "direct, proxy:URL, interface:NAME or node:NAME."},
    {"provider.limits", "rpm", Type::integer, "", "0", "50", "Requests in a minute."},
    {"provider.limits", "tpm", Type::integer, "", "0", "40000", "Tokens in a minute."},
    {"provider.limits", "concurrent", Type::integer, "", "0", "8", "Requests at the same time."},
    {"provider.timeouts", "connect", Type::duration, "", "\"5s\"", "", "Until it is connected."},
    {"provider.timeouts", "first_token", Type::duration, "", "\"120s\"", "", "Until the answer begins."},
    {"provider.timeouts", "idle", Type::duration, "", "\"60s\"", "", "Between two pieces of the answer."},

    {"model", "name", Type::text, "", "", "\"smart\"", "What clients ask for.", true},
    {"model", "aliases", Type::texts, "", "[]", "[\"gpt-4o\", \"claude-*\"]", "Other names for it; `*` stands for any text."},
    {"model", "strategy", Type::text, "fallback|weighted|least_busy|cheapest|fastest|affinity", "\"fallback\"", "",
     "Which target is asked first."},
    {"model.targets", "provider", Type::text, "", "", "\"anthropic\"", "A [[provider]]'s name; or an engine."},
    {"model.targets", "engine", Type::text, "", "", "", "NAME@NODE, or NAME for that engine on any node."},
    {"model.targets", "model", Type::text, "", "", "\"claude-sonnet\"", "The model's name there; of an engine: default its only one."},
    {"model.targets", "weight", Type::integer, "", "1", "", "Its share under `weighted`.", false, {0, 1'000'000}},

    {"model.rules", "model", Type::text, "", "", "", "The name of the model that answers.", true},
    {"model.rules.when", "min_tokens", Type::integer, "", "", "", "At least so long, estimated."},
    {"model.rules.when", "max_tokens", Type::integer, "", "", "", "At most so long, estimated."},
    {"model.rules.when", "images", Type::boolean, "", "", "", "With or without pictures or files."},
    {"model.rules.when", "tools", Type::boolean, "", "", "", "With or without tools."},
    {"model.rules.when", "key", Type::text, "", "", "", "The caller's key, by name or id; `*` stands for any text."},
    {"model.rules.when", "label", Type::text, "", "", "", "One of the labels in the header x-flotte-labels; `*` stands for any text."},
    {"model.rules.when", "after", Type::text, "", "", "", "From that time of the day on, such as \"22:00\"."},
    {"model.rules.when", "before", Type::text, "", "", "", "Until that time of the day; before `after`: over midnight."},

    {"project", "name", Type::text, "", "", "\"acme\"", "As in a task's `project`.", true},
    {"project", "providers", Type::texts, "", "[]", "[\"acme-*\"]",
     "Providers and engines (NAME@NODE) that calls of its tasks may go to; `*` stands for any text; empty: all."},
    {"project", "weight", Type::number, "", "1", "", "Its share of the fleet against the other projects of the same owner, 0.01 to 1000.",
     false, {0.01, 1'000}},

    {"engine", "name", Type::text, "", "", "\"llama\"", "As in `engine@node/model`.", true},
    {"engine", "kind", Type::text, "llama-server|ollama|openai", "\"llama-server\"", "",
     "llama-server is started and looked after; the others run already, at base_url."},
    {"engine", "model", Type::text, "", "", "\"/models/x.gguf\"", "The GGUF file of a llama-server."},
    {"engine", "models", Type::text, "", "", "", "A directory of GGUF files instead; the first by name is served."},
    {"engine", "args", Type::texts, "", "[]", "[\"-c\", \"8192\"]", "More arguments for llama-server."},
    {"engine", "program", Type::text, "", "", "\"/opt/llama/llama-server\"",
     "Where llama-server is; default: FLOTTE_LLAMA_SERVER, or on the PATH."},
    {"engine", "base_url", Type::text, "", "", "", "Where one that runs already listens; ollama: http://127.0.0.1:11434."},
    {"engine", "slots", Type::integer, "", "0", "", "Answers at the same time; 0: as it says itself, else 4."},

    {"worker", "name", Type::text, "", "", "\"reader\"", "People can give it work by this name.", true},
    {"worker", "kind", Type::text, "model|agent|command", "", "\"model\"", "What it does work with.", true},
    {"worker", "model", Type::text, "", "", "\"smart\"", "Of a model worker; default: `default`."},
    {"worker", "slots", Type::integer, "", "1", "4", "Tasks at the same time."},
    {"worker", "labels", Type::texts, "", "[]", "[\"documents\"]", "What a task can ask for."},
    {"worker", "network", Type::text, "", "\"direct\"", "", "direct, none, proxy:URL, interface:NAME or netns:NAME."},
    {"worker", "exclusive", Type::boolean, "", "false", "", "Nothing else runs on its node while it works."},
    {"worker.limits", "cpu", Type::number, "", "", "2", "Cores."},
    {"worker.limits", "memory", Type::size, "", "", "\"4G\"", "Memory."},
    {"worker.limits", "processes", Type::integer, "", "", "", "Processes and threads, together."},
};

}  // namespace

std::span<const Section> sections() { return section_table; }
std::span<const Key> keys() { return key_table; }

}  // namespace flotte::config
