// Cases that have broken translators elsewhere and that belong to no single format here.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/edit.hpp"
#include "dialect/scan.hpp"
#include "dialect/stream_translator.hpp"

namespace flotte::dialect {
namespace {

std::string translated(std::string_view stream, std::size_t cut) {
  StreamTranslator translator(Format::openai_chat, Format::anthropic, {.model = "m", .request_id = "r1"});
  std::string out(translator.feed(stream.substr(0, cut)));
  out.append(translator.feed(stream.substr(cut)));
  out.append(translator.finish());
  EXPECT_TRUE(translator.complete()) << translator.error();
  return out;
}

// Letters of several bytes may be cut by the network anywhere.
TEST(EdgeCases, Edge01_LettersThatAreSplitBetweenTwoPieces) {
  constexpr std::string_view stream =
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"läuft 日本語 🙂\"}}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  const std::string whole = translated(stream, stream.size());
  EXPECT_NE(whole.find("läuft 日本語 🙂"), std::string::npos) << whole;
  for (std::size_t cut = 0; cut < stream.size(); ++cut) EXPECT_EQ(translated(stream, cut), whole) << cut;
}

// All that a stream of events may be written as: no blank behind the colon, CRLF, CR, comments, ids, an event over several data lines.
TEST(EdgeCases, Edge02_EventsInEverySpelling) {
  const std::string usual =
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  const std::string unusual =
      "\xEF\xBB\xBF: a comment\r\nid: 7\r\nretry: "
      "10\r\ndata:{\"id\":\"c\",\r\ndata:\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}"
      "\r\n\r\nevent: message\rdata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\r"
      "data:[DONE]\n\n";
  EXPECT_EQ(translated(unusual, unusual.size()), translated(usual, usual.size()));
}

// Providers' caches and engines compare bytes: what was not changed is not written anew.
TEST(EdgeCases, Edge27_ToolsKeepTheirBytes) {
  const std::string schema = R"({ "type":"object",  "properties":{"z":{"type":"number","maximum":1.50},"a":{"type":"string"}} })";
  const std::string body = R"({ "model" : "m", "messages":[{"role":"user","content":"hi"}],
  "tools":[{"type":"function","function":{"name":"f","parameters":)" +
                           schema + "}}] }";
  const auto translation = translate_request(Format::openai_chat, Format::anthropic, body, {});
  ASSERT_TRUE(translation) << translation.error().text();
  EXPECT_NE(translation->body.find(schema), std::string::npos) << translation->body;
  // Passed through, only the model's name is another.
  auto request = scan_chat_request(body);
  ASSERT_TRUE(request);
  OutgoingBody outgoing(body, *request);
  outgoing.set_model("other");
  std::string expected = body;
  expected.replace(expected.find("\"m\""), 3, "\"other\"");
  EXPECT_EQ(outgoing.text(), expected);
}

}  // namespace
}  // namespace flotte::dialect
