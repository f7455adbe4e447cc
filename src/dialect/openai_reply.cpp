// Facts of answers, read with the cursor.
#include "dialect/openai_reply.hpp"

#include <algorithm>

#include "dialect/scan.hpp"

namespace flotte::dialect {
namespace {

/// More than this is no count of tokens, and two of them can be added.
constexpr std::int64_t most_tokens = 1'000'000'000'000;

std::int64_t count(std::string_view raw) {
  const auto n = whole_number(raw);
  return n && *n >= 0 && *n <= most_tokens ? *n : -1;
}

bool empty_array(std::string_view value) { return value.find_first_not_of(" \t\r\n", 1) == value.size() - 1; }

std::string first_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  if (text.size() <= 300) return text;
  std::size_t cut = 300 - 3;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  text.resize(cut);
  return text + "...";
}

std::string find_message(std::string_view json) {
  Members members(json);
  Member m;
  std::string found;
  while (members.next(m)) {
    const std::string_view value = m.value.of(json);
    if (m.kind == Kind::string && (m.is("message") || m.is("error") || m.is("detail"))) {
      found = decode_string(value.substr(1, value.size() - 2));
    } else if (m.is("error") && m.kind == Kind::object) {
      if (std::string inner = find_message(value); !inner.empty()) found = std::move(inner);
    }
  }
  return members.ok() ? found : std::string();
}

/// Of Anthropic's `cache_creation`: what was written for an hour instead of five minutes.
std::int64_t kept_for_an_hour(std::string_view object) {
  Members members(object);
  Member m;
  std::int64_t tokens = -1;
  while (members.next(m))
    if (m.is("ephemeral_1h_input_tokens")) tokens = count(m.value.of(object));
  return tokens;
}

/// Gemini's `usageMetadata`, cumulative: thoughts are told beside the candidates, and what its own tools read beside the prompt.
llm::Usage read_gemini_usage(std::string_view object) {
  std::int64_t prompt = -1, cached = -1, answer = -1, thoughts = -1, tools = -1;
  Members members(object);
  Member m;
  while (members.next(m)) {
    const std::string_view value = m.value.of(object);
    if (m.is("promptTokenCount"))
      prompt = count(value);
    else if (m.is("cachedContentTokenCount"))
      cached = count(value);
    else if (m.is("candidatesTokenCount"))
      answer = count(value);
    else if (m.is("thoughtsTokenCount"))
      thoughts = count(value);
    else if (m.is("toolUsePromptTokenCount"))
      tools = count(value);
  }
  llm::Usage usage{.input_tokens = prompt, .cached_tokens = cached, .output_tokens = answer};
  if (prompt >= 0 && tools > 0) usage.input_tokens += tools;
  if (thoughts >= 0) {
    usage.reasoning_tokens = thoughts;
    usage.output_tokens = std::max<std::int64_t>(answer, 0) + thoughts;
  }
  return usage;
}

}  // namespace

bool is_batch_tier(std::string_view json) noexcept { return json == "\"batch\"" || json == "\"flex\""; }

void UsageWords::take(const UsageWords& later) noexcept {
  const auto replace = [](std::int64_t& value, std::int64_t by) {
    if (by >= 0) value = by;
  };
  replace(input, later.input);
  replace(output, later.output);
  replace(cached, later.cached);
  replace(cache_read, later.cache_read);
  replace(cache_creation, later.cache_creation);
  replace(cache_creation_1h, later.cache_creation_1h);
  batch = batch || later.batch;
}

llm::Usage UsageWords::usage() const noexcept {
  llm::Usage usage{.input_tokens = input, .cached_tokens = cached, .output_tokens = output};
  usage.batch = batch;
  if (cache_read < 0 && cache_creation < 0) return usage;
  usage.cache_creation_tokens = cache_creation;
  usage.cache_creation_1h_tokens = cache_creation_1h;
  usage.cached_tokens = std::max<std::int64_t>(cache_read, 0);
  if (input >= 0) usage.input_tokens = input + usage.cached_tokens + std::max<std::int64_t>(cache_creation, 0);
  return usage;
}

UsageWords read_usage_words(std::string_view object) {
  UsageWords usage;
  Members members(object);
  Member m;
  while (members.next(m)) {
    const std::string_view value = m.value.of(object);
    if (m.is("prompt_tokens") || m.is("input_tokens"))
      usage.input = count(value);
    else if (m.is("completion_tokens") || m.is("output_tokens"))
      usage.output = count(value);
    else if (m.is("cache_read_input_tokens"))
      usage.cache_read = count(value);
    else if (m.is("cache_creation_input_tokens"))
      usage.cache_creation = count(value);
    else if (m.is("cache_creation") && m.kind == Kind::object)
      usage.cache_creation_1h = kept_for_an_hour(value);
    else if (m.is("service_tier"))
      usage.batch = is_batch_tier(value);
    else if (m.is("prompt_cache_hit_tokens") && usage.cached < 0)
      usage.cached = count(value);  // DeepSeek
    else if ((m.is("prompt_tokens_details") || m.is("input_tokens_details")) && m.kind == Kind::object) {
      Members details(value);
      Member d;
      while (details.next(d))
        if (d.is("cached_tokens")) usage.cached = count(d.value.of(value));
    }
  }
  return usage;
}

llm::Usage read_openai_usage(std::string_view object) { return read_usage_words(object).usage(); }

OpenAiFacts read_openai_facts(std::string_view json) {
  OpenAiFacts facts;
  Members members(json);
  Member m;
  bool error = false, batch = false;
  while (members.next(m)) {
    const std::string_view value = m.value.of(json);
    if (m.is("usage") && m.kind == Kind::object) {
      facts.has_usage = true;
      facts.usage = read_openai_usage(value);
    } else if (m.is("choices") && m.kind == Kind::array) {
      facts.empty_choices = empty_array(value);
      facts.choices = !facts.empty_choices;
    } else if (m.is("error")) {
      error = m.kind != Kind::null;
    } else if (m.is("service_tier")) {
      batch = is_batch_tier(value);
    } else if (m.is("usageMetadata") && m.kind == Kind::object) {
      facts.has_usage = true;
      facts.usage = read_gemini_usage(value);
    } else if (m.is("prompt_eval_count") || m.is("eval_count")) {
      facts.has_usage = true;
      (m.is("eval_count") ? facts.usage.output_tokens : facts.usage.input_tokens) = count(value);
    } else if (m.is("done")) {
      facts.done = value == "true";
    }
  }
  facts.usage.batch = facts.usage.batch || batch;
  facts.object = members.ok();
  facts.error = facts.object && error && !facts.choices;
  return facts;
}

std::string openai_error_message(std::string_view json) { return first_line(find_message(json)); }

}  // namespace flotte::dialect
