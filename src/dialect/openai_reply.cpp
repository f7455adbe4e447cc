// Facts of OpenAI answers, read with the cursor.
#include "dialect/openai_reply.hpp"

#include "dialect/scan.hpp"

namespace flotte::dialect {
namespace {

std::int64_t count(std::string_view raw) {
  const auto n = whole_number(raw);
  return n && *n >= 0 ? *n : -1;
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

}  // namespace

llm::Usage read_openai_usage(std::string_view object) {
  llm::Usage usage;
  Members members(object);
  Member m;
  while (members.next(m)) {
    const std::string_view value = m.value.of(object);
    if (m.is("prompt_tokens"))
      usage.input_tokens = count(value);
    else if (m.is("completion_tokens"))
      usage.output_tokens = count(value);
    else if (m.is("prompt_cache_hit_tokens") && usage.cached_tokens < 0)
      usage.cached_tokens = count(value);  // DeepSeek
    else if (m.is("prompt_tokens_details") && m.kind == Kind::object) {
      Members details(value);
      Member d;
      while (details.next(d))
        if (d.is("cached_tokens")) usage.cached_tokens = count(d.value.of(value));
    }
  }
  return usage;
}

OpenAiFacts read_openai_facts(std::string_view json) {
  OpenAiFacts facts;
  Members members(json);
  Member m;
  bool error = false;
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
    }
  }
  facts.object = members.ok();
  facts.error = facts.object && error && !facts.choices;
  return facts;
}

std::string openai_error_message(std::string_view json) { return first_line(find_message(json)); }

}  // namespace flotte::dialect
