// From files to inputs, from inputs to tasks.
#include "cli/batch/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/crypto.hpp"
#include "base/file.hpp"
#include "cli/batch/prompts.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

constexpr std::size_t prompt_limit = 4 * 1024 * 1024;  // a line longer than that would not fit a request

Result<std::string> hash_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_errno("cannot be read", errno);
  Sha256 hash;
  std::string buffer(256 * 1024, '\0');
  ssize_t n = 0;
  while ((n = ::read(fd, buffer.data(), buffer.size())) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
  }
  const int number = errno;
  ::close(fd);
  if (n < 0) return fail_errno("cannot be read", number);
  return hash.finish_hex();
}

/// Every part is preceded by its length, so that no two lists of parts read the same.
std::string make_fingerprint(std::initializer_list<std::string_view> parts) {
  Sha256 hash;
  for (std::string_view part : parts) {
    hash.update(std::to_string(part.size()) + ":");
    hash.update(part);
  }
  return hash.finish_hex().substr(0, 32);
}

Input make_document(const FoundFile& file, const BatchQuestion& question) {
  Input input;
  input.name = file.input;
  input.relative = file.relative;
  input.path = file.path;
  input.prompt = question.prompt;
  input.model = question.model;
  auto hash = hash_file(file.path);
  if (!hash) {
    input.refused = hash.error();
    return input;
  }
  input.blob = std::move(*hash);
  // The extension belongs to it: it tells how the bytes are read.
  input.fingerprint = make_fingerprint({"document", extension_of(file.path), input.blob, input.prompt, input.model});
  return input;
}

/// The hub takes titles of at most 500 bytes.
std::string make_title(const std::string& name) {
  const std::string line = make_line(name);
  std::string title = line;
  for (int columns = 160; title.size() > 480; columns /= 2) title = cut_to(line, columns);
  return title;
}

void add_prompts(const FoundFile& file, const BatchQuestion& question, std::vector<Input>& inputs) {
  auto text = read_file(file.path, document_limit);
  if (!text) {
    Input input;
    input.name = file.input;
    input.refused = text.error();
    inputs.push_back(std::move(input));
    return;
  }
  for (auto& entry : parse_prompts(*text, question.prompt)) {
    Input input;
    input.name = fmt::format("{}:{}", file.input, entry.line);
    if (!entry.prompt) {
      input.refused = entry.prompt.error();
    } else if (entry.prompt->prompt.size() + entry.prompt->system.size() > prompt_limit) {
      input.refused = Error(Code::too_large, fmt::format("line {}: the prompt is larger than {} MiB", entry.line, prompt_limit >> 20));
    } else {
      input.id = std::move(entry.prompt->id);
      input.prompt = std::move(entry.prompt->prompt);
      input.system = std::move(entry.prompt->system);
      input.model = entry.prompt->model.empty() ? question.model : std::move(entry.prompt->model);
      input.fingerprint = make_fingerprint({"prompt", input.prompt, input.system, input.model});
    }
    inputs.push_back(std::move(input));
  }
}

}  // namespace

std::string choose_model(const std::string& model, const Placement& placement) {
  if (!model.empty() || !placement.worker.empty()) return model;
  return "default";
}

Result<std::vector<Input>> prepare_inputs(const std::vector<FoundFile>& files, const BatchQuestion& question) {
  std::vector<Input> inputs;
  for (const FoundFile& file : files) {
    if (!file.kind) {
      Input input;
      input.name = file.input;
      input.refused = file.kind.error();
      inputs.push_back(std::move(input));
    } else if (*file.kind == FileKind::prompts) {
      add_prompts(file, question, inputs);
    } else if (question.prompt.empty()) {
      return fail(Code::invalid_argument, "what is to be done with \"" + file.input + "\"?", "say it with --prompt TEXT");
    } else {
      inputs.push_back(make_document(file, question));
    }
  }
  return inputs;
}

wire::TaskSpec make_spec(const Input& input, const Placement& placement) {
  wire::TaskSpec spec;
  spec.kind = input.is_document() ? wire::TaskKind::document : wire::TaskKind::prompt;
  spec.title = make_title(input.name);
  spec.model = input.model;
  spec.node = placement.node;
  spec.worker = placement.worker;
  spec.project = placement.project;
  spec.labels = placement.labels;
  spec.exclusive = placement.exclusive;
  if (input.is_document()) {
    spec.input["name"] = to_utf8(std::filesystem::path(input.path).filename().string());
    spec.input["blob"] = input.blob;
  }
  spec.input["prompt"] = input.prompt;
  if (!input.system.empty()) spec.input["system"] = input.system;
  return spec;
}

}  // namespace flotte::cli
