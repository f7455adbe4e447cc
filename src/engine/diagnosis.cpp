// Reading an engine's last words.
#include "engine/diagnosis.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/process/spawn.hpp"

namespace flotte::engine {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> known{{
    {"invalid argument:", "this llama-server does not know that argument: look at `args` of the engine"},
    {"error while handling argument", "look at `args` of the engine"},
    {"out of memory", "choose a smaller model or a smaller context (args = [\"-c\", \"8192\"])"},
    {"failed to allocate", "choose a smaller model or a smaller context (args = [\"-c\", \"8192\"])"},
    {"unable to allocate", "choose a smaller model or a smaller context (args = [\"-c\", \"8192\"])"},
    {"invalid magic", "is the model file complete, and a GGUF?"},
    {"unknown model architecture", "this llama-server is too old for the model: install a newer one"},
    {"failed to load model", "is the model file complete? Fetch it again, or try another one"},
    {"error loading model", "is the model file complete? Fetch it again, or try another one"},
    {"couldn't bind", "is its directory writable, and its path shorter than 100 characters?"},
    {"error while loading shared libraries", "llama-server lacks a library: install it, or point FLOTTE_LLAMA_SERVER to another one"},
    {"no backends are loaded", "llama-server found no CPU backend that it can use: set GGML_BACKEND_PATH, or use another build"},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

std::string read_log_end(const std::string& path, std::uint64_t offset, int lines) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (!file || ::fstat(file.get(), &facts) != 0) return "";
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  const std::uint64_t begin = std::max(offset <= size ? offset : 0, size > 2048 ? size - 2048 : 0);
  std::string text(static_cast<std::size_t>(size - begin), '\0');
  const ssize_t n = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(begin));
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::size_t at = text.size();
  for (int i = 0; i < lines && at != std::string::npos && at > 0; ++i) at = text.rfind('\n', at - 1);
  return at == std::string::npos || at == 0 ? text : text.substr(at + 1);
}

std::string advise(std::string_view log_end, int signal) {
  const std::string text = lower(log_end);
  for (const auto& [words, advice] : known)
    if (text.find(words) != std::string::npos) return std::string(advice);
  if (signal == SIGILL) return "this llama-server was built for another processor: use another build, or set GGML_BACKEND_PATH";
  if (signal == SIGKILL) return "the system killed it, perhaps for lack of memory: choose a smaller model or context";
  return "";
}

}  // namespace flotte::engine
