// The cursor: numbers, literals, nesting. Strings are in scan_string.cpp, the chat request in scan_chat.cpp.
#include "dialect/scan.hpp"

#include <fmt/format.h>

#include "dialect/detail/scan_text.hpp"

namespace flotte::dialect {
namespace detail {
namespace {

bool digit(const Text& t) { return t.at < t.end && *t.at >= '0' && *t.at <= '9'; }

bool skip_digits(Text& t) {
  if (!digit(t)) return t.fail("a digit is expected");
  while (digit(t)) ++t.at;
  return true;
}

bool skip_number(Text& t) {
  if (*t.at == '-') ++t.at;
  if (t.at < t.end && *t.at == '0') {
    ++t.at;
    if (digit(t)) return t.fail("a number must not begin with 0");
  } else if (!skip_digits(t)) {
    return false;
  }
  if (t.at < t.end && *t.at == '.') {
    ++t.at;
    if (!skip_digits(t)) return false;
  }
  if (t.at < t.end && (*t.at == 'e' || *t.at == 'E')) {
    ++t.at;
    if (t.at < t.end && (*t.at == '+' || *t.at == '-')) ++t.at;
    if (!skip_digits(t)) return false;
  }
  return true;
}

bool skip_word(Text& t, std::string_view word) {
  if (static_cast<std::size_t>(t.end - t.at) < word.size() || std::string_view(t.at, word.size()) != word)
    return t.fail("a value is expected");
  t.at += word.size();
  return true;
}

/// A value that is not an object or an array.
bool skip_scalar(Text& t, Kind& kind) {
  switch (*t.at) {
    case '"':
      kind = Kind::string;
      ++t.at;
      return skip_string(t);
    case 't': kind = Kind::boolean; return skip_word(t, "true");
    case 'f': kind = Kind::boolean; return skip_word(t, "false");
    case 'n': kind = Kind::null; return skip_word(t, "null");
    default: break;
  }
  if (*t.at != '-' && !digit(t)) return t.fail("a value is expected");
  kind = Kind::number;
  return skip_number(t);
}

/// The name of a member and its colon.
bool skip_name(Text& t) {
  t.skip_space();
  if (t.at == t.end || *t.at != '"') return t.fail("a member's name is expected");
  ++t.at;
  if (!skip_string(t)) return false;
  t.skip_space();
  if (t.at == t.end || *t.at != ':') return t.fail("':' is expected");
  ++t.at;
  return true;
}

/// What encloses the place that is read now: one bit per level, 1 = object.
struct Nesting {
  std::uint64_t objects = 0;
  int depth = 0;
  bool in_object() const { return (objects & 1) != 0; }
  void push(bool object) {
    objects = objects << 1 | (object ? 1 : 0);
    ++depth;
  }
  void pop() {
    objects >>= 1;
    --depth;
  }
};

/// After a value: closes what ends here. False where an error was found; `more` = another value follows.
bool close_levels(Text& t, Nesting& nesting, bool& more) {
  while (nesting.depth > 0) {
    t.skip_space();
    if (t.at == t.end) return t.fail("the text ends inside a value");
    if (*t.at == ',') {
      ++t.at;
      more = true;
      return !nesting.in_object() || skip_name(t);
    }
    if (*t.at != (nesting.in_object() ? '}' : ']'))
      return t.fail(nesting.in_object() ? "',' or '}' is expected" : "',' or ']' is expected");
    ++t.at;
    nesting.pop();
  }
  more = false;
  return true;
}

}  // namespace

bool skip_value(Text& t, Kind& kind, int depth) {
  Nesting nesting;
  for (bool more = true, first = true; more; first = false) {
    t.skip_space();
    if (t.at == t.end) return t.fail("a value is expected");
    Kind here = Kind::null;
    const bool object = *t.at == '{';
    if (object || *t.at == '[') {
      here = object ? Kind::object : Kind::array;
      if (nesting.depth + depth >= scan_depth_limit) return t.fail("nested too deeply");
      ++t.at;
      nesting.push(object);
      t.skip_space();
      const bool empty = t.at < t.end && *t.at == (object ? '}' : ']');
      if (first) kind = here;
      if (!empty) {
        if (object && !skip_name(t)) return false;
        continue;
      }
    } else {
      if (!skip_scalar(t, here)) return false;
      if (first) kind = here;
    }
    if (!close_levels(t, nesting, more)) return false;
  }
  return true;
}

}  // namespace detail

bool Members::fail_at(std::size_t offset, const char* problem) {
  at_ = offset;
  problem_ = problem;
  ended_ = true;
  return false;
}

bool Members::next(Member& member) {
  if (ended_) return false;
  detail::Text t(text_, at_);
  t.skip_space();
  if (!open_) {
    if (t.at == t.end || *t.at != '{') {
      not_an_object_ = true;
      return fail_at(t.offset(), "an object is expected");
    }
    ++t.at;
    t.skip_space();
  }
  const bool first = !open_;
  open_ = true;
  if (t.at < t.end && *t.at == '}') {
    close_ = t.offset();
    ++t.at;
    t.skip_space();
    if (t.at != t.end) return fail_at(t.offset(), "text after the object");
    ended_ = true;
    return false;
  }
  if (!first) {
    if (t.at == t.end || *t.at != ',')
      return fail_at(t.offset(), t.at == t.end ? "the text ends inside the object" : "',' or '}' is expected");
    ++t.at;
  }
  t.skip_space();
  const std::size_t name = t.offset() + 1;
  if (t.at == t.end || *t.at != '"')
    return fail_at(t.offset(), t.at == t.end ? "the text ends inside the object" : "a member's name is expected");
  ++t.at;
  t.escaped = false;
  if (!skip_string(t)) return fail_at(t.offset(), t.problem);
  member.key = text_.substr(name, t.offset() - 1 - name);
  member.escaped = t.escaped;
  t.skip_space();
  if (t.at == t.end || *t.at != ':') return fail_at(t.offset(), "':' is expected");
  ++t.at;
  t.skip_space();
  member.value.begin = t.offset();
  if (!skip_value(t, member.kind, 1)) return fail_at(t.offset(), t.problem);
  member.value.end = t.offset();
  at_ = t.offset();
  return true;
}

Error Members::error() const {
  return Error(Code::invalid_argument, fmt::format("not valid JSON at byte {}: {}", at_, problem_ ? problem_ : "unknown"));
}

}  // namespace flotte::dialect
