// Bytes to the vocabulary, the vocabulary to bytes.
#include <fmt/format.h>

#include "dialect/detail/codec.hpp"
#include "dialect/ollama/forced_call.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

std::size_t bytes_of(const std::vector<llm::Part>& parts) {
  std::size_t sum = 0;
  for (const llm::Part& part : parts) {
    if (const auto* text = part.as<llm::Text>()) sum += text->text.size();
    if (const auto* call = part.as<llm::ToolCall>()) sum += call->name.size() + call->arguments.text.size();
    if (const auto* result = part.as<llm::ToolResult>()) sum += bytes_of(result->parts);
    if (const auto* document = part.as<llm::Document>()) sum += document->media.plain.size();
  }
  return sum;
}

std::int64_t estimate_input(const llm::Request& request) {
  std::size_t sum = 0;
  for (const llm::Message& message : request.messages) sum += bytes_of(message.parts) + 16;
  for (const llm::Tool& tool : request.tools) sum += tool.name.size() + tool.description.size() + tool.parameters.text.size();
  return static_cast<std::int64_t>(sum / 4 + 1);
}

}  // namespace

bool can_translate(Format client, Format provider) noexcept {
  const detail::Codec& from = detail::codec_of(client);
  const detail::Codec& to = detail::codec_of(provider);
  return from.parse_request && from.write_answer && from.make_writer && to.write_request && to.read_answer && to.make_reader;
}

std::string missing_translation(Format client, Format provider) {
  return fmt::format("what a client of {} says is not translated for {}", name_of(client), name_of(provider));
}

Result<Translation> translate_request(Format client, Format provider, std::string_view body, const Target& target, const Asked& asked) {
  if (!can_translate(client, provider)) return fail(Code::unsupported, missing_translation(client, provider));
  Ledger ledger(provider);
  auto request = detail::codec_of(client).parse_request(body, ledger);
  if (!request) return pass(request);
  if (ledger.refused()) return Failure(*ledger.refusal());
  if (!asked.model.empty()) request->model = asked.model;
  if (asked.stream) request->stream = *asked.stream;
  Translation out;
  out.body = detail::codec_of(provider).write_request(*request, target, ledger);
  if (ledger.refused()) return Failure(*ledger.refusal());
  out.stream = request->stream;
  out.include_usage = request->include_usage;
  out.estimated_input = estimate_input(*request);
  for (const llm::Tool& tool : request->tools)
    if (tool.free_text) out.free_text_tools.push_back(tool.name);
  if (!detail::codec_of(provider).stops) out.stop = std::move(request->stop);
  if (const llm::Tool* tool = provider == Format::ollama ? ollama::forced_tool(*request) : nullptr) out.forced_tool = tool->name;
  out.echo = std::move(request->echo);
  out.notes = std::move(ledger.notes());
  return out;
}

Result<std::int64_t> estimate_tokens(Format client, std::string_view body) {
  const detail::Codec& from = detail::codec_of(client);
  if (!from.parse_request) return fail(Code::unsupported, fmt::format("requests of {} cannot be read", name_of(client)));
  Ledger ledger(client);
  auto request = from.parse_request(body, ledger);
  if (!request) return pass(request);
  return estimate_input(*request);
}

}  // namespace flotte::dialect
