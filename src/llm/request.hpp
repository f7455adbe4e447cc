// What a client asks of a model, in no dialect's words. A field that the client did not send is empty.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llm/part.hpp"

namespace flotte::llm {

enum class Role { system, developer, user, assistant, tool };

/// Tool results are parts of a message of the role `tool`, one or several in each.
struct Message {
  Role role = Role::user;
  std::vector<Part> parts;
  std::string name;  // of the participant
};

struct Tool {
  std::string name, description;
  JsonText parameters;  // a JSON schema; empty: none
  std::optional<bool> strict;
  std::optional<CacheMark> cache;
  bool free_text = false;  // its input is any text; to most models it is shown as a function with one text `input`
};

struct ToolChoice {
  enum class Mode { unset, automatic, required, none, named } mode = Mode::unset;
  std::string name;
  std::optional<bool> parallel;  // false: at most one call in each answer
};

struct ResponseFormat {
  enum class Kind { unset, text, json_object, json_schema } kind = Kind::unset;
  std::string name, description;
  JsonText schema;
  std::optional<bool> strict;
};

/// How much to think. `effort` is a word ("low"), `budget_tokens` a bound; a client gives one, both or none.
struct ReasoningWish {
  enum class Mode { unset, off, adaptive, on } mode = Mode::unset;
  std::string effort;
  std::optional<std::int64_t> budget_tokens;
};

struct Sampling {
  std::optional<double> temperature, top_p, presence_penalty, frequency_penalty;
  std::optional<std::int64_t> top_k, seed;
};

struct Request {
  std::string model;
  std::vector<Message> messages;  // with the system and developer messages where
                                  // the client put them
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  Sampling sampling;
  std::vector<std::string> stop;
  std::optional<std::int64_t> max_tokens;
  ResponseFormat format;
  ReasoningWish reasoning;
  bool stream = false;
  bool include_usage = false;  // the client wants usage in the stream (dialects
                               // where it has to ask)
  std::string user;            // an opaque id of the end user
  std::string echo;            // members that its dialect repeats in answers, as they were written: JSON without braces
};

}  // namespace flotte::llm
