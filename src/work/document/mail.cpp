// Walking a message.
#include "work/document/mail.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "work/document/mime.hpp"
#include "work/text/declared.hpp"
#include "work/text/html.hpp"
#include "work/text/lines.hpp"
#include "work/text/mojibake.hpp"

namespace flotte::work {
namespace {

/// What one message has given so far.
class Message {
 public:
  explicit Message(int& parts) : parts_(parts) {}

  Result<std::string> read(std::string_view bytes, int depth) {
    const MimePart part = parse_part(bytes);
    Paragraphs out;
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> shown{
        {{"from", "From"}, {"to", "To"}, {"cc", "Cc"}, {"date", "Date"}, {"subject", "Subject"}}};
    std::string head;
    for (const auto& [name, title] : shown)
      if (const std::string value = decode_header(part.header(name)); !value.empty()) head += fmt::format("{}: {}\n", title, value);
    out.block(head);
    auto body = read_part(part, depth);
    if (!body) return pass(body);
    out.block(*body);
    if (!attached_.empty()) out.block("Attachments: " + fmt::format("{}", fmt::join(attached_, ", ")));
    return out.finish();
  }

 private:
  Result<std::string> read_part(const MimePart& part, int depth) {
    if (depth > deepest_mail || ++parts_ > most_mail_parts)
      return fail(Code::too_large, fmt::format("the e-mail has more than {} parts, or they are nested too deeply", most_mail_parts));
    const MimeValue type =
        parse_mime_value(part.headers.empty() || part.header("content-type").empty() ? "text/plain" : part.header("content-type"));
    if (type.value == "multipart/encrypted" || (type.value.ends_with("pkcs7-mime") && !type.parameter("smime-type").starts_with("signed")))
      return fail(Code::unsupported, "the e-mail is encrypted", "decrypt it with the program that received it");
    if (type.value.starts_with("multipart/")) return read_parts(part, type, depth);
    const MimeValue disposition = parse_mime_value(part.header("content-disposition"));
    std::string_view name = disposition.parameter("filename");
    if (name.empty()) name = type.parameter("name");
    if (type.value == "message/rfc822") return read_message(part, depth);
    const bool readable = type.value == "text/plain" || type.value == "text/html" || type.value == "text/markdown";
    if (!readable || disposition.value == "attachment") {
      attached_.push_back(name.empty() ? decode_header(type.value) : std::string(name));
      return std::string();
    }
    return read_text(part, type);
  }

  Result<std::string> read_parts(const MimePart& part, const MimeValue& type, int depth) {
    const bool alternative = type.value == "multipart/alternative";
    Paragraphs out;
    std::optional<std::string> chosen;
    for (const std::string_view piece : split_parts(part.body, type.parameter("boundary"))) {
      const MimePart inner = parse_part(piece);
      const std::string inner_type = parse_mime_value(inner.header("content-type")).value;
      auto text = read_part(inner, depth + 1);
      if (!text) return pass(text);
      if (trimmed(*text).empty()) continue;
      if (!alternative)
        out.block(*text);
      else if (!chosen || inner_type == "text/plain")  // the same text in other clothes
        chosen = std::move(*text);
    }
    if (chosen) return std::move(*chosen);
    return out.finish();
  }

  Result<std::string> read_message(const MimePart& part, int depth) {
    const std::string bytes = decode_transfer(part.body, part.header("content-transfer-encoding"));
    Message inner(parts_);
    auto text = inner.read(bytes, depth + 1);
    if (!text) return pass(text);
    return "---- Attached message ----\n\n" + *text + "\n---- End of the attached message ----\n";
  }

  static Result<std::string> read_text(const MimePart& part, const MimeValue& type) {
    const std::string bytes = decode_transfer(part.body, part.header("content-transfer-encoding"));
    const bool html = type.value == "text/html";
    std::string charset(type.parameter("charset"));
    if (html && charset.empty()) charset = declared_in_html(bytes).value_or("");
    std::string text = fold_line_ends(decode_charset(bytes, charset));
    if (html) {
      auto read = html_text(text);
      if (!read) return pass(read);
      text = std::move(*read);
    }
    // A message's parts come from different programs: each is looked at by itself.
    if (auto repaired = repair_mojibake(text)) text = std::move(repaired->text);
    return text;
  }

  int& parts_;
  std::vector<std::string> attached_;
};

bool is_blank_body(std::string_view text) { return trimmed(text).empty(); }

}  // namespace

Result<std::string> mail_text(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  int parts = 0;
  auto text = Message(parts).read(bytes, 0);
  if (text && is_blank_body(*text)) return fail(Code::invalid_argument, "the e-mail has no text");
  return text;
}

Result<std::string> mailbox_text(std::string_view bytes) {
  std::string out;
  int parts = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    // A message begins with "From " behind an empty line, or at the beginning.
    std::size_t next = bytes.find("\nFrom ", at + 1);
    while (next != std::string_view::npos && !bytes.substr(0, next).ends_with('\n') && !bytes.substr(0, next).ends_with("\n\r"))
      next = bytes.find("\nFrom ", next + 1);
    const std::size_t end = next == std::string_view::npos ? bytes.size() : next + 1;
    auto text = Message(parts).read(bytes.substr(at, end - at), 0);
    if (!text) return pass(text);
    if (!out.empty()) out += "\n----------------------------------------\n\n";
    out += *text;
    at = end;
  }
  if (is_blank_body(out)) return fail(Code::invalid_argument, "the mailbox has no text");
  return out;
}

}  // namespace flotte::work
