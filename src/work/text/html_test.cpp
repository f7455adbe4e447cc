// HTML to text: what a reader sees stays, in order.
#include "work/text/html.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

std::string text(std::string_view html) {
  auto t = html_text(html);
  return t ? *t : "error: " + t.error().message;
}

TEST(Html, KeepsHeadingsAndParagraphs) {
  EXPECT_EQ(
      text("<!doctype html><title>T</title><h1>Pump\n test</h1><p>First   part,\n<b>bold</b> and <i>so</i>.</p><p>Second.<h2>Next</h2>x"),
      "# Pump test\n\nFirst part, bold and so.\n\nSecond.\n\n## Next\n\nx\n");
}

TEST(Html, KeepsListsAndTablesAsLines) {
  EXPECT_EQ(text("<ul><li>one<li>two <a href=x>link</a><ol><li><p>deep</p></li></ol></ul>"), "- one\n- two link\n\n- deep\n");
  EXPECT_EQ(text("<table><tr><th>Part<th>Price<tr><td>Valve<td><p>12</p><p>EUR</p></table>after"),
            "Part | Price\nValve | 12 EUR\n\nafter\n");
}

TEST(Html, LeavesOutWhatIsNoText) {
  EXPECT_EQ(text("<head><style>p{}</style><script>alert(1)</script></head><nav><a>Home</a></nav><main>text<script>x</script>"
                 "<!-- comment --><button>Buy</button></main>"),
            "text\n");
}

TEST(Html, KeepsPreformattedLines) { EXPECT_EQ(text("<pre>a  b\n  c</pre>d<br>e"), "a  b\n  c\n\nd\ne\n"); }

TEST(Html, ReadsEntitiesAndOtherScripts) {
  EXPECT_EQ(text("<p>Größe &auml; &amp; &lt;tag&gt; 日本語&nbsp;x"), "Größe ä & <tag> 日本語\u00A0x\n");
}

TEST(Html, EmptyIsEmpty) { EXPECT_EQ(text("<html><body><script>1</script></body></html>"), ""); }

TEST(Html, DeepNestingIsAnErrorNotACrash) {
  for (const int depth : {3'000, 60'000, 1'000'000}) {
    std::string html;
    for (int i = 0; i < depth; ++i) html += "<div>";
    EXPECT_EQ(text(html + "x").substr(0, 6), "error:") << depth;
  }
}

TEST(Html, ManyUnclosedElementsAreFine) {
  std::string html;
  for (int i = 0; i < 20'000; ++i) html += "<p>x<br>";
  EXPECT_EQ(text(html).substr(0, 3), "x\n\n");
}

TEST(Html, TakesAnyBytes) {
  const std::vector<std::string> bits{"<p>", "</p>", "<table>", "<tr>",     "<td>",       "</table>", "<b>",      "</i>",      "<!--",
                                      "-->", "<li",  ">",       "&amp",     "&#x110000;", "text",     "<script>", "</script>", "<pre>",
                                      "\n",  "日",   "<svg>",   "<select>", "<template>", "<h3>",     "\""};
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string html;
    for (std::uint64_t i = random.below(40); i > 0; --i) html += bits[random.below(bits.size())];
    const auto t = html_text(html);
    ASSERT_TRUE(t) << html;
    ASSERT_FALSE(find_bad_utf8(*t)) << html;
  }
}

}  // namespace
}  // namespace flotte::work
