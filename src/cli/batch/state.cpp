// The state file's JSON.
#include "cli/batch/state.hpp"

#include "cli/batch/result_path.hpp"

namespace flotte::cli {
namespace {

constexpr int state_version = 1;

json::array from_strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

RememberedInput parse_input(const json::object& o) {
  RememberedInput input;
  input.name = json::string_or(o, "input", "");
  input.id = json::string_or(o, "id", "");
  input.fingerprint = json::string_or(o, "fingerprint", "");
  input.output = json::string_or(o, "output", "");
  // The file may come from somebody else: it must not make us write outside of its directory.
  if (!input.output.empty() && make_safe_relative(input.output) != input.output) input.output.clear();
  input.in_batch = json::get_bool(o, "in_batch").value_or(false);
  return input;
}

json::object from_input(const RememberedInput& input) {
  json::object o;
  o["input"] = input.name;
  if (!input.id.empty()) o["id"] = input.id;
  if (!input.fingerprint.empty()) o["fingerprint"] = input.fingerprint;
  if (!input.output.empty()) o["output"] = input.output;
  if (input.in_batch) o["in_batch"] = true;
  return o;
}

}  // namespace

std::string BatchState::to_text() const {
  json::object o;
  o["version"] = state_version;
  o["url"] = url;
  o["batch"] = batch;
  o["created_at"] = created_at;
  o["create_key"] = create_key;
  o["sealed"] = sealed;
  o["finished"] = finished;
  o["cursor"] = cursor;
  o["directory"] = directory;
  o["arguments"] = json::object{{"paths", from_strings(arguments.paths)}, {"prompt", arguments.prompt}, {"model", arguments.model}};
  json::array list;
  for (const RememberedInput& input : inputs) list.push_back(from_input(input));
  o["inputs"] = std::move(list);
  json::object done;
  for (const auto& [name, fingerprint] : succeeded) done[name] = fingerprint;
  o["succeeded"] = std::move(done);
  return json::dump(o) + "\n";
}

Result<BatchState> BatchState::parse(std::string_view text) {
  auto object = json::parse_object(text);
  if (!object) return fail(Code::corrupt, "cannot be read: " + object.error().message);
  const auto version = json::int_or(*object, "version", 0);
  if (version > state_version) return fail(Code::unsupported, "was written by a newer flotte", "use that version");
  if (version < 1) return fail(Code::corrupt, "has no version");
  BatchState state;
  state.url = json::string_or(*object, "url", "");
  state.batch = json::string_or(*object, "batch", "");
  state.created_at = json::string_or(*object, "created_at", "");
  state.create_key = json::string_or(*object, "create_key", "");
  state.sealed = json::get_bool(*object, "sealed").value_or(false);
  state.finished = json::get_bool(*object, "finished").value_or(false);
  state.cursor = json::string_or(*object, "cursor", "");
  state.directory = json::string_or(*object, "directory", "");
  if (const json::object* arguments = json::get_object(*object, "arguments"))
    state.arguments = {json::strings(*arguments, "paths"), json::string_or(*arguments, "prompt", ""),
                       json::string_or(*arguments, "model", "")};
  if (const json::array* list = json::get_array(*object, "inputs"))
    for (const json::value& input : *list)
      if (input.is_object()) state.inputs.push_back(parse_input(input.get_object()));
  if (const json::object* done = json::get_object(*object, "succeeded"))
    for (const auto& member : *done)
      if (member.value().is_string()) state.succeeded[std::string(member.key())] = std::string(member.value().get_string());
  return state;
}

}  // namespace flotte::cli
