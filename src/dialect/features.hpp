// The matrix: what each API can express of what another one says, and what happens where it cannot. The translators ask this table, the
// notes quote it and docs/dialects.md is printed from it. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "dialect/format.hpp"

namespace flotte::dialect {

enum class Feature : std::uint8_t {
  // messages
  text,
  system,
  system_later,
  developer,
  adjacent_roles,
  empty_content,
  prefill,
  participant_name,
  // media
  image_base64,
  image_url,
  image_detail,
  image_file,
  document_base64,
  document_text,
  document_url,
  document_file,
  audio,
  // tools
  tools,
  tool_strict,
  tool_other,
  tool_choice,
  tool_choice_subset,
  parallel_calls,
  broken_arguments,
  tool_name,
  functions,
  tool_result,
  tool_result_media,
  tool_result_error,
  tool_result_again,
  tool_result_alone,
  // thinking
  reasoning_past,
  reasoning_unsigned,
  reasoning_encrypted,
  reasoning_effort,
  reasoning_budget,
  reasoning_blocked,
  reasoning_answer,
  // output
  json_schema,
  schema_name,
  json_object,
  stop,
  max_tokens,
  max_tokens_missing,
  max_tokens_raised,
  // sampling
  temperature,
  top_p,
  top_k,
  seed,
  penalties,
  logit_bias,
  logprobs,
  several_answers,
  // the rest
  cache_marks,
  citations,
  user,
  service_tier,
  stored,
  prediction,
  verbosity,
  web_search,
  search_offered,
  remote_tools,
  context_edits,
  container,
  refusal,
  usage,
  finish,
  errors,
  // what only some APIs have
  safety_settings,
  cached_content,
  video,
  output_media,
  media_resolution,
  earlier_response,
  background,
  prompt_template,
  truncation,
  custom_tool,
  engine_options,
  raw_prompt,
  other_sampling,
  schema_keywords,
  schema_recursive,
  part_signature,
  embedding_tokens,
  embedding_task,
  embedding_media,
  unknown_field,
};

enum class Fate : std::uint8_t { carried, approximated, dropped, refused };

struct Cell {
  Fate fate = Fate::carried;
  std::string_view how;  // what is done, or for a refusal what to do instead;
                         // empty for most of what is carried
};

inline constexpr std::size_t feature_count = static_cast<std::size_t>(Feature::unknown_field) + 1;

struct FeatureRow {
  Feature feature;
  std::string_view title;

  /// What becomes of it on the way to a provider of that format (one of `provider_formats`; any other one is like
  /// its family). The cells are in each format's folder.
  const Cell& to(Format format) const noexcept;
};

/// Every feature once, in the order of the enumeration.
std::span<const FeatureRow> features() noexcept;
const FeatureRow& row_of(Feature feature) noexcept;
std::string_view to_string(Fate fate) noexcept;

/// docs/dialects.md.
std::string matrix_document();

}  // namespace flotte::dialect
