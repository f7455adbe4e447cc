// HTML to text over Gumbo. The tree is walked without recursion: its depth is the document's business, not ours.
#include "work/text/html.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

constexpr int deepest = 2'000;

template <std::size_t N>
bool one_of(GumboTag tag, const std::array<GumboTag, N>& tags) {
  for (const GumboTag t : tags)
    if (t == tag) return true;
  return false;
}

constexpr std::array skipped{GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,   GUMBO_TAG_NOSCRIPT, GUMBO_TAG_TEMPLATE, GUMBO_TAG_NAV,
                             GUMBO_TAG_HEAD,   GUMBO_TAG_SVG,     GUMBO_TAG_MATH,     GUMBO_TAG_IFRAME,   GUMBO_TAG_OBJECT,
                             GUMBO_TAG_BUTTON, GUMBO_TAG_SELECT,  GUMBO_TAG_INPUT,    GUMBO_TAG_CANVAS,   GUMBO_TAG_AUDIO,
                             GUMBO_TAG_VIDEO,  GUMBO_TAG_TEXTAREA};
constexpr std::array inlines{GUMBO_TAG_A,    GUMBO_TAG_ABBR, GUMBO_TAG_B,     GUMBO_TAG_BDI,   GUMBO_TAG_BDO,  GUMBO_TAG_CITE,
                             GUMBO_TAG_CODE, GUMBO_TAG_DATA, GUMBO_TAG_DEL,   GUMBO_TAG_DFN,   GUMBO_TAG_EM,   GUMBO_TAG_FONT,
                             GUMBO_TAG_I,    GUMBO_TAG_INS,  GUMBO_TAG_KBD,   GUMBO_TAG_MARK,  GUMBO_TAG_Q,    GUMBO_TAG_RUBY,
                             GUMBO_TAG_RB,   GUMBO_TAG_S,    GUMBO_TAG_SAMP,  GUMBO_TAG_SMALL, GUMBO_TAG_SPAN, GUMBO_TAG_STRONG,
                             GUMBO_TAG_SUB,  GUMBO_TAG_SUP,  GUMBO_TAG_TIME,  GUMBO_TAG_TT,    GUMBO_TAG_U,    GUMBO_TAG_VAR,
                             GUMBO_TAG_WBR,  GUMBO_TAG_BIG,  GUMBO_TAG_LABEL, GUMBO_TAG_IMG};

/// Collects lines; white space is folded as a browser does.
class Writer {
 public:
  void text(std::string_view t, bool preformatted) {
    for (const char c : t) {
      if (preformatted && c == '\n') {
        end_line();
      } else if (!preformatted && (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f')) {
        space_ = true;
      } else {
        if (space_ && !line_.empty()) line_ += ' ';
        space_ = false;
        if (line_.empty()) line_ = std::exchange(prefix_, {});
        line_ += c;
      }
    }
  }
  void end_line() {
    space_ = false;
    while (line_.ends_with(' ')) line_.pop_back();
    if (line_.empty()) return;
    out_ += line_;
    out_ += '\n';
    line_.clear();
  }
  void blank_line() {
    end_line();
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }
  /// Comes before the next text of this block.
  void prefix(std::string p) { prefix_ = std::move(p); }
  void drop_prefix() { prefix_.clear(); }
  void cell() {
    space_ = false;
    while (line_.ends_with(' ')) line_.pop_back();
    if (!line_.empty()) line_ += " | ";
  }
  std::string finish() {
    end_line();
    while (out_.ends_with('\n')) out_.pop_back();
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  std::string out_, line_, prefix_;
  bool space_ = false;
};

int heading_level(GumboTag tag) { return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6 ? tag - GUMBO_TAG_H1 + 1 : 0; }

bool is_paragraph(GumboTag tag) {
  return one_of(tag, std::array{GUMBO_TAG_P, GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_TABLE, GUMBO_TAG_PRE, GUMBO_TAG_BLOCKQUOTE,
                                GUMBO_TAG_SECTION, GUMBO_TAG_ARTICLE, GUMBO_TAG_DL, GUMBO_TAG_FIGURE});
}

void enter(GumboTag tag, Writer& out) {
  if (const int level = heading_level(tag)) {
    out.blank_line();
    out.prefix(std::string(static_cast<std::size_t>(level), '#') + ' ');
  } else if (tag == GUMBO_TAG_LI) {
    out.end_line();
    out.prefix("- ");
  } else if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) {
    out.cell();
  } else if (tag == GUMBO_TAG_BR || tag == GUMBO_TAG_HR) {
    out.end_line();
  } else if (is_paragraph(tag)) {
    out.blank_line();
  } else if (!one_of(tag, inlines)) {
    out.end_line();
  }
}

void leave(GumboTag tag, bool in_cell, Writer& out) {
  if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH || tag == GUMBO_TAG_BR) return;
  if (heading_level(tag) || (is_paragraph(tag) && !in_cell)) {
    out.drop_prefix();
    out.blank_line();
  } else if (!one_of(tag, inlines) && !in_cell) {
    out.drop_prefix();
    out.end_line();
  }
}

struct Frame {
  const GumboNode* node;
  unsigned next = 0;  // child
};

const GumboVector* children(const GumboNode& node) {
  if (node.type == GUMBO_NODE_DOCUMENT) return &node.v.document.children;
  if (node.type == GUMBO_NODE_ELEMENT) return &node.v.element.children;
  return nullptr;
}

bool is_text(const GumboNode& node) {
  return node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_CDATA || node.type == GUMBO_NODE_WHITESPACE;
}

void walk(const GumboNode& root, Writer& out) {
  std::vector<Frame> stack{{&root}};
  int preformatted = 0, cells = 0;
  while (!stack.empty()) {
    Frame& frame = stack.back();
    const GumboVector* list = children(*frame.node);
    const GumboTag own = frame.node->type == GUMBO_NODE_ELEMENT ? frame.node->v.element.tag : GUMBO_TAG_UNKNOWN;
    const bool cell = own == GUMBO_TAG_TD || own == GUMBO_TAG_TH;
    if (frame.next == 0) {
      // Inside a table's cell blocks do not end the row's line.
      if (cells == 0 || cell) enter(own, out);
      preformatted += own == GUMBO_TAG_PRE;
      cells += cell;
    }
    if (list && frame.next < list->length) {
      const auto* child = static_cast<const GumboNode*>(list->data[frame.next++]);
      if (is_text(*child))
        out.text(child->v.text.text, preformatted > 0 && cells == 0);
      else if (child->type == GUMBO_NODE_ELEMENT && !one_of(child->v.element.tag, skipped))
        stack.push_back({child});
      continue;
    }
    preformatted -= own == GUMBO_TAG_PRE;
    cells -= cell;
    leave(own, cells > 0, out);
    if (cells > 0 && !one_of(own, inlines)) out.text(" ", false);
    stack.pop_back();
  }
}

/// The name of the element that begins behind this '<', in lower case; empty for an end tag, a comment or text.
std::string tag_name(std::string_view html, std::size_t at) {
  std::string name;
  for (; at < html.size() && name.size() < 10; ++at) {
    const char c = html[at];
    if (c >= 'A' && c <= 'Z')
      name += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && !name.empty()))
      name += c;
    else
      break;
  }
  return name;
}

/// Gumbo frees its tree by recursion, so that a hostile document could use up the stack: counted before it is parsed, without the elements
/// that end by themselves.
bool too_deep(std::string_view html) {
  static constexpr std::array<std::string_view, 19> unclosed{"p",     "br",   "li", "td", "tr",     "th",  "img", "hr",    "input", "meta",
                                                             "tbody", "link", "dt", "dd", "option", "col", "wbr", "thead", "source"};
  int depth = 0;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const bool end = at + 1 < html.size() && html[at + 1] == '/';
    const std::string name = tag_name(html, at + (end ? 2 : 1));
    if (name.empty() || std::find(unclosed.begin(), unclosed.end(), name) != unclosed.end()) continue;
    if (end)
      depth -= depth > 0;
    else if (++depth > deepest * 5)
      return true;
  }
  return false;
}

int real_depth(const GumboNode& root) {
  int most = 0;
  std::vector<Frame> stack{{&root}};
  while (!stack.empty()) {
    most = std::max(most, static_cast<int>(stack.size()));
    Frame& frame = stack.back();
    const GumboVector* list = children(*frame.node);
    if (list && frame.next < list->length)
      stack.push_back({static_cast<const GumboNode*>(list->data[frame.next++])});
    else
      stack.pop_back();
  }
  return most;
}

Failure deep() { return fail(Code::too_large, "the HTML is nested too deeply to be a document"); }

}  // namespace

Result<std::string> html_text(std::string_view html) {
  if (too_deep(html)) return deep();
  GumboOptions options = kGumboDefaultOptions;
  options.max_errors = 0;
  const auto destroy = [&options](GumboOutput* o) { gumbo_destroy_output(&options, o); };
  const std::unique_ptr<GumboOutput, decltype(destroy)> tree(gumbo_parse_with_options(&options, html.data(), html.size()), destroy);
  if (real_depth(*tree->root) > deepest) return deep();
  Writer out;
  walk(*tree->root, out);
  // Gumbo writes &#x3ffffffff; as bytes that are no character.
  Utf8Mender mender;
  std::string text = mender.feed(out.finish());
  text += mender.finish();
  return text;
}

}  // namespace flotte::work
