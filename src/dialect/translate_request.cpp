// Bytes to the vocabulary, the vocabulary to bytes.
#include "dialect/anthropic/request.hpp"
#include "dialect/openai_chat/request.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

Result<llm::Request> parse(Format format, std::string_view body, Ledger& ledger) {
  return format == Format::anthropic ? anthropic::parse_request(body, ledger) : openai_chat::parse_request(body, ledger);
}

std::string write(Format format, const llm::Request& request, const Target& target, Ledger& ledger) {
  return format == Format::anthropic ? anthropic::write_request(request, target, ledger)
                                     : openai_chat::write_request(request, target, ledger);
}

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

Result<Translation> translate_request(Format client, Format provider, std::string_view body, const Target& target) {
  Ledger ledger(provider);
  auto request = parse(client, body, ledger);
  if (!request) return pass(request);
  if (ledger.refused()) return Failure(*ledger.refusal());
  Translation out;
  out.body = write(provider, *request, target, ledger);
  if (ledger.refused()) return Failure(*ledger.refusal());
  out.stream = request->stream;
  out.include_usage = request->include_usage;
  out.estimated_input = estimate_input(*request);
  out.notes = std::move(ledger.notes());
  return out;
}

}  // namespace flotte::dialect
