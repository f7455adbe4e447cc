// Event boundaries and what is said between them. What is passed on is a view where its bytes lie together, else a copy in out_.
#include "dialect/answer_stream.hpp"

#include <cstring>

#include "dialect/detail/find_word.hpp"
#include "dialect/openai_reply.hpp"
#include "dialect/scan.hpp"

namespace flotte::dialect {
namespace {

bool contains(std::string_view text, std::string_view word) { return detail::find_word(text, word) != std::string_view::npos; }

/// True where `name` (with its quotes) is followed by ':' and something else than null.
bool has_value(std::string_view text, std::string_view name) {
  constexpr std::string_view space = " \t\r\n";
  for (std::size_t at = detail::find_word(text, name); at != std::string_view::npos; at = detail::find_word(text, name, at + name.size())) {
    std::size_t value = text.find_first_not_of(space, at + name.size());
    if (value == std::string_view::npos || text[value] != ':') continue;
    value = text.find_first_not_of(space, value + 1);
    if (value != std::string_view::npos && text[value] != 'n') return true;
  }
  return false;
}

/// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
  std::size_t end = text.find('\n');
  if (const std::size_t cr = text.substr(0, end).find('\r'); cr != std::string_view::npos) end = cr;
  const std::string_view line = text.substr(0, end);
  if (end == std::string_view::npos)
    text = {};
  else
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  return line;
}

/// The value where the line is that field, without the one space behind the colon.
bool is_field(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name)) return false;
  value = line.substr(name.size());
  if (value.empty()) return true;
  if (value.front() != ':') return false;
  value.remove_prefix(1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return true;
}

/// The object that is the member `name`, with its braces; empty where there is none.
std::string_view member_of(std::string_view object, std::string_view name) {
  Members members(object);
  Member m;
  std::string_view found;
  while (members.next(m))
    if (m.is(name) && m.kind == Kind::object) found = m.value.of(object);
  return members.ok() ? found : std::string_view();
}

/// The text of the member "type", which most servers write first.
std::string_view type_of(std::string_view data) {
  constexpr std::string_view first = "{\"type\":\"";
  if (data.starts_with(first)) return data.substr(first.size(), data.find('"', first.size()) - first.size());
  Members members(data);
  Member m;
  while (members.next(m))
    if (m.is("type") && m.kind == Kind::string) return data.substr(m.value.begin + 1, m.value.end - m.value.begin - 2);
  return {};
}

}  // namespace

AnswerStream::Output AnswerStream::feed(std::string_view bytes) {
  held_.erase(0, consumed_);
  consumed_ = 0;
  if (failed_ || bytes.empty()) return {};
  if (held_.empty()) {
    const Output output = scan(bytes, 0);
    held_.assign(bytes.substr(consumed_));
    consumed_ = 0;
    return output;
  }
  const std::size_t from = held_.size();
  held_.append(bytes);
  return scan(held_, from);
}

AnswerStream::Output AnswerStream::finish() {
  held_.erase(0, consumed_);
  consumed_ = held_.size();
  if (failed_ || held_.empty()) return {};
  if (passing_) return {held_, {}};
  const bool was_done = done_;
  if (pieces_ == Pieces::objects) return {};  // half an object: nobody can read it
  if (judge(held_) == Fate::drop) return {};
  if (done_ && !was_done) return {{}, held_};
  return {held_, {}};
}

bool AnswerStream::next_line(std::string_view text, std::size_t from, Line& line) {
  const char* begin = text.data() + from;
  const std::size_t left = text.size() - from;
  if (left == 0) return false;
  const auto* lf = static_cast<const char*>(std::memchr(begin, '\n', left));
  const auto* cr = static_cast<const char*>(std::memchr(begin, '\r', lf ? static_cast<std::size_t>(lf - begin) : left));
  if (!lf && !cr) return false;
  line.end = static_cast<std::size_t>((cr ? cr : lf) - text.data());
  line.after = line.end + (cr && lf == cr + 1 ? 2 : 1);
  after_cr_ = cr && !lf && line.after == text.size();
  return true;
}

AnswerStream::Output AnswerStream::scan(std::string_view text, std::size_t from) {
  if (pieces_ == Pieces::objects) return scan_objects(text, from);
  std::size_t event = 0;  // where the event begins that is read now
  std::size_t run = 0;    // where the bytes begin that are to be passed on and not in out_
  std::size_t last = std::string_view::npos;
  out_.clear();
  if (after_cr_ && text[from] == '\n') {
    // It belongs to the CR before it; where that ended an event, the event ends here.
    ++from;
    if (from == 1) event = 1;
    if (drop_lf_) run = 1;
  }
  after_cr_ = drop_lf_ = false;
  for (Line line; !failed_ && next_line(text, from, line);) {
    const bool blank = line.end == from && !line_begun_;
    from = line.after;
    line_begun_ = false;
    if (!blank) continue;
    const bool was_done = done_;
    const Fate fate = passing_ ? Fate::pass : judge(text.substr(event, from - event));
    passing_ = false;
    if (failed_) break;
    if (fate == Fate::drop) {
      out_.append(text.substr(run, event - run));
      run = from;
      drop_lf_ = after_cr_;
    } else if (done_ && !was_done) {
      last = out_.size() + event - run;
    }
    event = from;
  }
  if (from < text.size()) line_begun_ = true;
  if (!failed_ && (passing_ || text.size() - event > held_limit_)) {
    if (!passing_ && form_ != StreamForm::chat) judge_large(text.substr(event));
    passing_ = started_ = true;
    event = text.size();
  }
  consumed_ = failed_ ? text.size() : event;
  std::string_view output = text.substr(run, event - run);
  if (!out_.empty()) output = out_.append(output);
  if (last == std::string_view::npos) return {output, {}};
  return {output.substr(0, last), output.substr(last)};
}

AnswerStream::Fate AnswerStream::judge(std::string_view event) {
  std::string_view data, value, name;
  bool marked_error = false;
  int lines = 0;
  while (!event.empty()) {
    const std::string_view line = take_line(event);
    if (is_field(line, "data", value)) {
      if (++lines == 1) {
        data = value;
        continue;
      }
      if (lines == 2) joined_.assign(data);
      joined_.append("\n").append(value);
      data = joined_;
    } else if (is_field(line, "event", value)) {
      marked_error = value == "error";
      name = value;
    } else if (is_field(line, "error", value) && lines == 0) {  // older llama.cpp servers name the field so
      data = value;
      marked_error = true;
      lines = 1;
    }
  }
  if (lines == 0) return Fate::pass;
  switch (form_) {
    case StreamForm::chat: return judge_data(data, marked_error);
    case StreamForm::gemini:
    case StreamForm::ollama: return judge_object(data);
    default: return judge_named(marked_error ? "error" : name, data);
  }
}

AnswerStream::Fate AnswerStream::judge_data(std::string_view data, bool marked_error) {
  if (data == "[DONE]") {
    done_ = true;
    return Fate::pass;
  }
  if (has_value(data, "\"finish_reason\"")) finish_reason_ = true;
  // Most chunks have neither word; only the others are read member by member.
  OpenAiFacts facts;
  if (marked_error || contains(data, "\"usage\"") || contains(data, "\"error\"")) facts = read_openai_facts(data);
  if (facts.has_usage) usage_ = facts.usage;
  if (marked_error || facts.error) return take_error(data);
  started_ = true;
  return remove_usage_ && facts.has_usage && facts.empty_choices ? Fate::drop : Fate::pass;
}

AnswerStream::Fate AnswerStream::take_error(std::string_view data) {
  if (started_) {
    broken_ = true;
    return Fate::pass;
  }
  failed_ = true;
  error_.assign(data);
  return Fate::drop;
}

namespace {
bool is_greeting(std::string_view name) {
  return name == "response.created" || name == "response.in_progress" || name == "response.queued" || name == "message_start";
}
}  // namespace

AnswerStream::Fate AnswerStream::judge_named(std::string_view name, std::string_view data) {
  if (name.empty()) name = type_of(data);
  if (name == "ping" || data == "[DONE]") return Fate::pass;  // no content: another target can still be asked
  if (form_ == StreamForm::messages) {
    if (name == "message_start" || name == "message_delta") {
      const std::string_view holder = name == "message_start" ? member_of(data, "message") : data;
      if (const std::string_view usage = member_of(holder, "usage"); !usage.empty()) words_.take(read_usage_words(usage));
      usage_ = words_.usage();
    } else if (name == "message_stop") {
      done_ = true;
    }
  } else if (name == "response.completed" || name == "response.incomplete" || name == "response.failed") {
    const std::string_view response = member_of(data, "response");
    const std::string_view usage = member_of(response, "usage");
    if (!usage.empty()) usage_ = read_openai_usage(usage);
    usage_.batch = usage_.batch || is_batch_tier(member_of(response, "service_tier"));
    if (name == "response.failed") {
      const std::string error(member_of(member_of(data, "response"), "error"));
      return take_error(error.empty() ? data : "{\"error\":" + error + "}");
    }
    done_ = true;
  }
  if (name == "error") return take_error(data);
  const bool waits = greeting_ == Greeting::waits && is_greeting(name) && (greeted_ += data.size()) <= greeting_limit;
  started_ = started_ || !waits;
  return Fate::pass;
}

AnswerStream::Fate AnswerStream::judge_object(std::string_view data) {
  const OpenAiFacts facts = read_openai_facts(data);
  if (facts.has_usage) usage_ = facts.usage;
  if (facts.error) return take_error(data);
  if (form_ == StreamForm::ollama)
    done_ |= facts.done;
  else if (has_value(data, "\"finishReason\"") || has_value(data, "\"blockReason\""))
    finish_reason_ = true;
  started_ = true;
  return Fate::pass;
}

bool AnswerStream::step(char c) noexcept {
  if (in_string_) {
    if (escaped_)
      escaped_ = false;
    else if (c == '\\')
      escaped_ = true;
    else if (c == '"')
      in_string_ = false;
    return false;
  }
  switch (c) {
    case '"': in_string_ = depth_ > 0; return false;
    case '{': ++depth_; return false;
    case '}': return depth_ > 0 && --depth_ == 0;
    case '[':
      if (depth_ == 0) array_open_ = true;
      return false;
    case ']':
      if (depth_ == 0) array_open_ = false;
      return false;
    default: return false;
  }
}

/// What stands between the objects is passed on with them.
AnswerStream::Output AnswerStream::scan_objects(std::string_view text, std::size_t from) {
  std::size_t settled = 0;  // up to here everything is judged
  std::size_t last = std::string_view::npos;
  for (std::size_t at = from; at < text.size() && !failed_; ++at) {
    if (!step(text[at])) continue;
    const bool was_done = done_;
    std::size_t begin = settled;
    if (!passing_) {
      begin = text.find('{', settled);
      judge_object(text.substr(begin, at + 1 - begin));
    }
    passing_ = false;
    if (done_ && !was_done) last = begin;
    settled = at + 1;
  }
  if (failed_) {
    consumed_ = text.size();
    return {};
  }
  if (depth_ == 0) {
    settled = text.size();
  } else if (passing_ || text.size() - settled > held_limit_) {
    if (!passing_) judge_large(text.substr(settled));
    passing_ = started_ = true;
    settled = text.size();
  }
  consumed_ = settled;
  const std::string_view output = text.substr(0, settled);
  if (last == std::string_view::npos) return {output, {}};
  return {output.substr(0, last), output.substr(last)};
}

/// Too large to be read whole: only what its beginning tells.
void AnswerStream::judge_large(std::string_view begun) {
  if (form_ == StreamForm::gemini) finish_reason_ = true;  // a picture: its reason to finish stands behind it
  std::string_view name, value, data;
  for (std::string_view rest = begun.substr(0, 4096); !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (is_field(line, "event", value)) name = value;
    if (is_field(line, "data", value) && data.empty()) data = value;
  }
  if (name.empty()) name = type_of(data);
  if (name == "response.completed" || name == "response.incomplete") done_ = true;
  if (name == "response.failed" || name == "error") broken_ = true;
}

}  // namespace flotte::dialect
