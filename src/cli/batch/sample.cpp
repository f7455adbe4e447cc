// Looking into a few documents of every kind.
#include "cli/batch/sample.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/process/child.hpp"
#include "base/process/companion.hpp"
#include "cli/batch/classify.hpp"
#include "cli/batch/token_guess.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t read_of_a_kind = 8;
constexpr std::size_t read_bytes = 512 * 1024;  // of a text; the rest is taken to be alike
constexpr std::int64_t per = 1'000'000;

/// Documents of one extension.
struct Kind {
  std::vector<std::size_t> places;
  std::int64_t bytes = 0, tokens = 0;  // of those that were read
};

/// Tokens per million bytes where nothing could be read: a compressed or drawn document has little text in many bytes.
std::int64_t assumed(const std::string& extension) {
  if (extension == ".pdf") return per / 40;
  if (extension == ".docx" || extension == ".epub") return per / 8;
  return per / 4;
}

std::int64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

Awaitable<std::optional<std::string>> text_of_pdf(std::string path) {
  ChildSpec child;
  child.argv = {companion_program("pdftotext"), "-enc", "UTF-8", path, "-"};
  child.out.kind = Sink::Kind::pipe;
  ChildLimits limits;
  limits.time = std::chrono::seconds(20);
  auto done = co_await run_child(std::move(child), limits);
  if (!done || done->out.empty()) co_return std::nullopt;
  co_return std::move(done->out);
}

std::optional<std::string> beginning_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(read_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || file.gcount() == 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  // The cut may have gone through a character.
  if (text.size() == read_bytes)
    while (text.size() > read_bytes - 3 && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
  return text;
}

/// Bytes that were looked at, and the tokens in them.
Awaitable<std::optional<std::pair<std::int64_t, std::int64_t>>> look_into(std::string path, std::string extension) {
  if (extension == ".pdf") {
    auto text = co_await text_of_pdf(path);
    if (!text) co_return std::nullopt;
    co_return std::pair(size_of(path), guess_tokens(*text));
  }
  if (extension == ".docx" || extension == ".epub") co_return std::nullopt;
  const auto text = beginning_of(path);
  if (!text) co_return std::nullopt;
  const bool html = extension == ".html" || extension == ".htm";
  co_return std::pair(static_cast<std::int64_t>(text->size()), html ? guess_tokens(visible_text(*text)) : guess_tokens(*text));
}

}  // namespace

Awaitable<Sample> take_sample(std::vector<const Input*> inputs) {
  Sample out;
  std::map<std::string, Kind> kinds;
  std::map<std::string, std::int64_t> prompts;  // most inputs have the same
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = *inputs[i];
    const auto [prompt, fresh] = prompts.try_emplace(input.prompt + input.system, 0);
    if (fresh) prompt->second = guess_tokens(input.prompt) + guess_tokens(input.system);
    out.inputs.push_back({input.model, prompt->second, 0});
    if (input.is_document())
      kinds[extension_of(input.path)].places.push_back(i);
    else
      ++out.read;
  }
  for (auto& entry : kinds) {
    const std::string& extension = entry.first;
    Kind& kind = entry.second;
    const std::size_t count = std::min(kind.places.size(), read_of_a_kind);
    for (std::size_t n = 0; n < count; ++n) {
      const Input& input = *inputs[kind.places[n * kind.places.size() / count]];
      auto seen = co_await look_into(input.path, extension);
      if (!seen) continue;
      ++out.read;
      kind.bytes += seen->first;
      kind.tokens += seen->second;
    }
    const std::int64_t rate = kind.bytes > 0 ? kind.tokens * per / kind.bytes : assumed(extension);
    if (kind.bytes == 0)
      out.notes.push_back(fmt::format("{} {} document{} could not be looked into: guessed from the size", kind.places.size(),
                                      extension.empty() ? "other" : extension, kind.places.size() == 1 ? "" : "s"));
    for (const std::size_t place : kind.places) out.inputs[place].text_tokens = size_of(inputs[place]->path) * rate / per;
  }
  co_return out;
}

}  // namespace flotte::cli
