// Configurations of other gateways.
#include "cli/command/import.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/file.hpp"
#include "cli/import/litellm.hpp"
#include "cli/import/yaml.hpp"
#include "cli/screen/screen.hpp"

namespace flotte::cli {
namespace {

Result<Imported> import_file(const std::string& file) {
  auto text = read_file(file == "-" ? "/dev/stdin" : file, yaml_size_limit);
  if (!text) return pass(text);
  auto imported = import_litellm(*text);
  if (!imported) return pass(imported, file);
  return imported;
}

Result<void> save(const std::string& path, const std::string& toml) {
  if (::access(path.c_str(), F_OK) == 0) return fail(Code::conflict, path + " is there already", "give another name, or move it away");
  return replace_file(path, toml);
}

json::object describe(const Imported& imported) {
  return {{"providers", imported.providers},
          {"models", imported.models},
          {"notes", json::array(imported.notes.begin(), imported.notes.end())},
          {"toml", imported.toml}};
}

}  // namespace

int run_import_litellm(const Common& common, const ImportOptions& options) {
  auto imported = import_file(options.file);
  if (imported && !options.output.empty())
    if (auto saved = save(options.output, imported->toml); !saved) imported = pass(saved);
  if (!imported) {
    report(imported.error(), common.output);
    return status::usage;
  }
  if (common.json()) {
    print_json(json::value(describe(*imported)));
    return status::done;
  }
  if (options.output.empty()) print(imported->toml);
  for (const std::string& note : imported->notes) write_all(STDERR_FILENO, "flotte: note: " + note + "\n");
  if (!options.output.empty())
    write_all(STDERR_FILENO, fmt::format("{} providers and {} models are in {}; `flotte hub --config {}` uses them\n", imported->providers,
                                         imported->models, options.output, options.output));
  return status::done;
}

}  // namespace flotte::cli
