// Looks for engines on this machine: at once, and every ten seconds for what appears later. What can be used becomes one of its engines.
// Lives on their loop.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/wait.hpp"
#include "base/process/spawn.hpp"
#include "engine/engine.hpp"
#include "engine/engines.hpp"
#include "engine/find/model_files.hpp"

namespace flotte::engine {

/// What the last look saw.
struct Found {
  struct Server {
    std::string engine, title, url;  // "ollama", "Ollama", "http://127.0.0.1:11434"
  };
  std::vector<Server> servers;  // that run already
  ModelFiles files;
  std::string file;          // the GGUF that runs, or would run; empty: none
  std::string no_program;    // why `file` is not run here; empty: it is, or there is no file
  std::string ollama_wrong;  // what is wrong with OLLAMA_HOST; empty: nothing
};

class Finder {
 public:
  struct Options {
    std::string models;       // DATA/models
    std::string ollama_host;  // the variable's value
    unsigned own_port = 0;    // this hub's, which is no engine
    std::vector<EngineConfig> configured;
    std::int64_t memory_mb = 0;  // for models; 0: not known
  };
  /// `engines` outlives it. `on_look` is called after each look, on the loop.
  Finder(Engines& engines, Options options, std::function<void(const Found&)> on_look);
  /// Until it is cancelled.
  Awaitable<void> run();

 private:
  struct Probe {
    const char *engine, *kind, *title;
    std::string url;
    bool used = false;  // it is one of the engines now, and is looked after there
    bool answers = false;
  };
  /// Whether it is this process that uses what is here: two with one data directory would start the same model twice.
  bool claim();
  Awaitable<void> look();
  Awaitable<void> probe(Probe& place, std::shared_ptr<int> left);
  Awaitable<void> use_servers();
  Awaitable<void> use_files();
  bool is_configured(const Probe& place) const;
  std::string free_name(std::string name) const;

  Engines& engines_;
  Options options_;
  std::function<void(const Found&)> on_look_;
  std::vector<Probe> places_;
  Found found_;
  std::string running_file_;
  Descriptor claim_;
};

/// Whether an answer of GET /v1/models is a llama-server's: other programs listen on 8080 too.
bool is_llama_server(const json::object& models);

}  // namespace flotte::engine
