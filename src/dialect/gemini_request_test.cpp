// Requests to and from Gemini.
#include <gtest/gtest.h>

#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

constexpr Format openai = Format::openai_chat, claude = Format::anthropic, gemini = Format::gemini;

Translation translated(Format from, Format to, std::string_view body, const Target& target = {}) {
  const auto request = translate_request(from, to, body, target, {.model = "m", .stream = false});
  EXPECT_TRUE(request) << request.error().text();
  return request.value_or(Translation{});
}
std::string to_gemini(std::string_view body, const Target& target = {}) { return translated(openai, gemini, body, target).body; }
std::string refusal(Format from, Format to, std::string_view body) {
  const auto request = translate_request(from, to, body, {});
  return request ? "not refused: " + request->body : request.error().text();
}
std::string notes(const Translation& t, Format to) {
  std::string out;
  for (const Note& note : t.notes) out += note.text(to).substr(0, note.text(to).find(':')) + ";";
  return out;
}
/// What Gemini gets for the parameters of one tool.
std::string parameters(std::string_view schema) {
  const std::string body = to_gemini(R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":)"
                                     R"({"name":"f","parameters":)" +
                                     std::string(schema) + "}}]}");
  const std::size_t at = body.find("\"parameters");
  return at == std::string::npos ? body : body.substr(at, body.rfind("}]}]") - at);
}

TEST(GeminiRequest, SaysWhatAChatSays) {
  EXPECT_EQ(to_gemini(R"({"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[
      {"type":"text","text":"What?"},{"type":"image_url","image_url":{"url":"data:image/jpg;base64,iVBORw=="}},
      {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]},{"role":"assistant","content":"A cat."},
      {"role":"user","content":"Sure?"}],"temperature":0.5,"max_tokens":9,"stop":"END","seed":4,"top_p":0.9})"),
            R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"What?"},)"
            R"({"inlineData":{"mimeType":"image/png","data":"iVBORw=="}},{"inlineData":{"mimeType":"audio/wav","data":"UklGRg=="}}]},)"
            R"({"role":"model","parts":[{"text":"A cat."}]},{"role":"user","parts":[{"text":"Sure?"}]}],"generationConfig":)"
            R"({"temperature":0.5,"topP":0.9,"seed":4,"maxOutputTokens":9,"stopSequences":["END"]}})");
}

TEST(GeminiRequest, Case12PutsResponsesDirectlyBehindTheirCalls) {
  EXPECT_EQ(to_gemini(R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"I look.","tool_calls":[
      {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"},"extra_content":{"google":{"thought_signature":"U2ln"}}},
      {"id":"c2","type":"function","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"c1","content":"one"},
      {"role":"tool","tool_call_id":"c2","content":"two"},{"role":"tool","tool_call_id":"c2","content":"again"},{"role":"user","content":"And?"}]})"),
            R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"I look."},{"functionCall":{"id":"c1",)"
            R"("name":"f","args":{"x": 1}},"thoughtSignature":"U2ln"},{"functionCall":{"id":"c2","name":"f","args":{}}}]},{"role":"user",)"
            R"("parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"one"}}},{"functionResponse":{"id":"c2","name":"f",)"
            R"("response":{"output":"two"}}},{"text":"And?"}]}]})");
}

TEST(GeminiRequest, Case18MarksCallsOfAnotherModelOnlyWhereTheModelChecksThem) {
  const std::string_view body = R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[
      {"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"}]})";
  const Translation newer = translated(openai, gemini, body, {.model = "gemini-3-flash"});
  EXPECT_NE(newer.body.find(R"({"functionCall":{"id":"c1","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"},)"
                            R"({"functionCall":{"id":"c2","name":"f","args":{}}})"),
            std::string::npos)
      << newer.body;
  EXPECT_EQ(notes(newer, gemini), "messages[1][0];");
  EXPECT_EQ(to_gemini(body, {.model = "gemini-2.5-pro"}).find("Signature"), std::string::npos);
  std::string earlier(body);
  earlier.insert(earlier.rfind(']'), R"(,{"role":"user","content":"Next."})");
  EXPECT_EQ(to_gemini(earlier, {.model = "gemini-3-flash"}).find("Signature"), std::string::npos) << "only the current turn is checked";
}

TEST(GeminiRequest, CarriesToolsAndChoice) {
  EXPECT_EQ(to_gemini(R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"now"}},
      {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":["string","null"],
      "enum":["x","y",null]}},"required":["a"],"additionalProperties":false}}}],"tool_choice":{"type":"function","function":{"name":"f"}}})"),
            R"({"contents":[{"role":"user","parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"now"},{"name":"f",)"
            R"("description":"d","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true,"enum":["x","y"]}},)"
            R"("required":["a"]}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}})");
  EXPECT_EQ(refusal(openai, gemini,
                    R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"1f"}}]})"),
            "tools[0].name cannot be sent to Gemini (rename the tool: letters, digits, _ . : and -, first a letter or _, at most 128)");
}

TEST(GeminiSchema, Case15WritesReferencesOutAndTouchesNoPropertyOfThatName) {
  EXPECT_EQ(
      parameters(R"({"$schema":"x","type":"object","properties":{"properties":{"type":"object","properties":{"$ref":{"type":"string"}}},
      "additionalProperties":{"$ref":"#/$defs/N"},"a~1b":{"$ref":"#/definitions/a~1b"}},"$defs":{"N":{"type":"integer","minimum":0}},
      "definitions":{"a/b":{"type":"boolean"}},"additionalProperties":false})"),
      R"("parameters":{"type":"OBJECT","properties":{"properties":{"type":"OBJECT","properties":{"$ref":{"type":"STRING"}}},)"
      R"("additionalProperties":{"type":"INTEGER","minimum":0},"a~1b":{"type":"BOOLEAN"}}})");
}

TEST(GeminiSchema, TurnsUnionsIntoAnyOfAndNull) {
  EXPECT_EQ(parameters(R"({"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"},
      "b":{"oneOf":[{"type":"object","properties":{"k":{"const":"x"}},"required":["k","gone"]},{"type":"string"}]},
      "c":{"allOf":[{"$ref":"#/$defs/C"}],"title":"t"}},"$defs":{"C":{"type":"array","items":{"type":"number"},"uniqueItems":true}}})"),
            R"("parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true,"description":"d"},"b":{"anyOf":[)"
            R"({"type":"OBJECT","properties":{"k":{"type":"STRING","enum":["x"]}},"required":["k"]},{"type":"STRING"}]},)"
            R"("c":{"type":"ARRAY","title":"t","items":{"type":"NUMBER"}}}})");
}

TEST(GeminiSchema, TakesTheFormThatSaysMore) {
  EXPECT_EQ(parameters(R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}},
      "n":{"type":"integer","enum":[1,2]},"o":{"type":["string","integer","null"]},"p":{}}})"),
            R"("parametersJsonSchema":{"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}},)"
            R"("n":{"type":"integer","enum":[1,2]},"o":{"type":["string","integer","null"]},"p":{}}})");
}

TEST(GeminiSchema, WritesARecursiveSchemaSomeLevelsDeep) {
  const std::string_view tree =
      R"({"$ref":"#/$defs/T","$defs":{"T":{"type":"object","properties":{"v":{"type":"string"},"next":{"$ref":"#/$defs/T"}}}}})";
  EXPECT_EQ(parameters(tree),
            R"("parametersJsonSchema":{"type":"object","properties":{"v":{"type":"string"},"next":{"type":"object","properties":)"
            R"({"v":{"type":"string"},"next":{"type":"object"}}}}})");
  EXPECT_EQ(parameters(R"({"$ref":"#"})"), parameters(R"({"type":"object"})")) << "a function without parameters";
}

TEST(GeminiSchema, RefusesReferencesThatGrowBeyondBounds) {
  std::string defs;
  for (char c = 'a'; c < 'p'; ++c) {
    const std::string next = "{\"$ref\":\"#/$defs/" + std::string(1, static_cast<char>(c + 1)) + "\"}";
    defs += "\"" + std::string(1, c) + R"(":{"type":"object","properties":{"x":)" + next + ",\"y\":" + next + ",\"z\":" + next + "}},";
  }
  EXPECT_EQ(
      refusal(openai, gemini,
              R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f","parameters":)"
              R"({"$ref":"#/$defs/a","$defs":{)" +
                  defs + R"("p":{"type":"string"}}}}}]})"),
      "tools[0].parameters: is a schema that grows too large when its references are written out; make it smaller");
}

TEST(GeminiRequest, AsksForThinkingInTheModelsOwnWay) {
  const auto config = [](std::string_view model, std::string_view wish) {
    const std::string body =
        to_gemini(R"({"model":"m","messages":[{"role":"user","content":"a"}],)" + std::string(wish) + "}", {.model = std::string(model)});
    const std::size_t at = body.find("\"generationConfig\":");
    return at == std::string::npos ? std::string() : body.substr(at + 19, body.size() - at - 20);
  };
  EXPECT_EQ(config("gemini-3-flash", R"("reasoning_effort":"medium")"),
            R"({"thinkingConfig":{"thinkingLevel":"medium","includeThoughts":true}})");
  EXPECT_EQ(config("gemini-3-pro", R"("reasoning_effort":"none")"), R"({"thinkingConfig":{"thinkingLevel":"low"}})");
  EXPECT_EQ(config("gemini-2.5-flash", R"("reasoning_effort":"none")"), R"({"thinkingConfig":{"thinkingBudget":0}})");
  EXPECT_EQ(config("gemini-2.5-flash", R"("reasoning_effort":"high")"),
            R"({"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}})");
  EXPECT_EQ(config("gemini-2.0-flash", R"("reasoning_effort":"high")"), "");
  EXPECT_EQ(
      config(
          "gemini-3-flash",
          R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{"type":"string"}}}}})"),
      R"({"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}})");
}

TEST(GeminiRequest, IsReadInBothSpellings) {
  const std::string_view camel = R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"a"},
      {"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"application/pdf","fileUri":"https://h/a.pdf"}}]}],
      "tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"type":{"type":"STRING","nullable":true},
      "n":{"type":"ARRAY","items":{"type":"INTEGER"},"minItems":"1"}}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},
      "generationConfig":{"maxOutputTokens":5,"stopSequences":["X"],"topK":4,"thinkingConfig":{"thinkingBudget":2000,"includeThoughts":true}}})";
  const std::string expected =
      R"({"model":"m","max_tokens":4001,"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[)"
      R"({"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},)"
      R"({"type":"document","source":{"type":"url","url":"https://h/a.pdf"}}]}],"tools":[{"name":"f","input_schema":)"
      R"({"type":"object","properties":{"type":{"type":["string","null"]},"n":{"type":"array","items":{"type":"integer"},"minItems":1}}}}],)"
      R"("tool_choice":{"type":"any"})";
  std::string body(camel);
  body.replace(body.find("\"maxOutputTokens\":5"), 19, "\"maxOutputTokens\":4001");
  EXPECT_TRUE(translated(gemini, claude, body).body.starts_with(expected)) << translated(gemini, claude, body).body;
  std::string snake;
  for (const char c : body) {
    if (c >= 'A' && c <= 'Z' && !snake.empty() && snake.back() >= 'a' && snake.back() <= 'z') {
      snake += '_';
      snake += static_cast<char>(c - 'A' + 'a');
    } else {
      snake += c;
    }
  }
  EXPECT_EQ(translated(gemini, claude, snake).body, translated(gemini, claude, body).body);
}

TEST(GeminiRequest, Case11PairsResponsesWithoutIdsByNameAndOrder) {
  const std::string_view body = R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[
      {"functionCall":{"name":"f","args":{"n":1}}},{"functionCall":{"name":"g"}},{"functionCall":{"name":"f","args":{"n":2}}}]},
      {"role":"user","parts":[{"functionResponse":{"name":"g","response":{"error":"no"}}},{"functionResponse":{"name":"f","response":{"output":"1"}}},
      {"functionResponse":{"name":"f","response":{"name":"f","content":"2"}}},{"text":"Go on."}]}]})";
  const std::string chat = translated(gemini, openai, body).body;
  EXPECT_NE(
      chat.find(R"("tool_calls":[{"id":"call_1_0","type":"function","function":{"name":"f","arguments":"{\"n\":1}"}},{"id":"call_1_1")"),
      std::string::npos)
      << chat;
  EXPECT_NE(
      chat.find(
          R"({"role":"tool","tool_call_id":"call_1_1","content":"Error: no"},{"role":"tool","tool_call_id":"call_1_0","content":"1"},)"
          R"({"role":"tool","tool_call_id":"call_1_2","content":"2"},{"role":"user","content":"Go on."})"),
      std::string::npos)
      << chat;
  EXPECT_EQ(translated(gemini, openai, body).body, chat) << "the same ids whenever it is sent";
  EXPECT_EQ(
      refusal(gemini, openai, R"({"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}],"model":"m"})"),
      "contents[0].functionResponse: answers no functionCall of the turn before it");
}

TEST(GeminiRequest, RefusesWhatTheTargetCannotSay) {
  const auto with = [](std::string_view member, Format to) {
    return refusal(gemini, to, R"({"contents":[{"parts":[{"text":"a"}]}],)" + std::string(member) + "}");
  };
  EXPECT_EQ(
      with(R"("cachedContent":"cachedContents/1")", openai),
      "cachedContent cannot be sent to OpenAI chat completions (what another provider keeps cannot be read; send the whole conversation)");
  EXPECT_EQ(with(R"("generation_config":{"response_modalities":["TEXT","IMAGE"]})", claude),
            "generationConfig.responseModalities[1] cannot be sent to Anthropic Messages (answers are text there; ask a model that makes "
            "them by its own API)");
  EXPECT_NE(with(R"("tools":[{"codeExecution":{}}])", openai).find("tools[0].codeExecution cannot be sent"), std::string::npos);
  EXPECT_EQ(refusal(gemini, claude, R"({"contents":[{"parts":[{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}]}]})"),
            "contents[0].parts[0].inlineData cannot be sent to Anthropic Messages (Anthropic Messages has no audio; send a transcript)");
  EXPECT_EQ(refusal(gemini, openai, R"({"contents":[]})"), "contents: is missing or empty");
}

TEST(GeminiRequest, Case28CarriesMediaByAddressAndInPlace) {
  const std::string body = translated(claude, gemini, R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[
      {"type":"image","source":{"type":"url","url":"https://h/a.webp?x=1"}},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"/9j/AA=="}},
      {"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"plain"}},
      {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},{"type":"document","source":{"type":"url","url":"https://h/b"}}]}]})")
                               .body;
  EXPECT_NE(
      body.find(
          R"("parts":[{"fileData":{"mimeType":"image/webp","fileUri":"https://h/a.webp?x=1"}},{"inlineData":{"mimeType":"image/jpeg",)"
          R"("data":"/9j/AA=="}},{"text":"T\n\nplain"},{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}},)"
          R"({"fileData":{"mimeType":"application/pdf","fileUri":"https://h/b"}}])"),
      std::string::npos)
      << body;
  const std::string back = translated(gemini, openai, R"({"contents":[{"parts":[{"inlineData":{"mimeType":"audio/mpeg","data":"AAAA"}},
      {"inlineData":{"mimeType":"text/plain; charset=utf-8","data":"R3LDvMOfZQ==","displayName":"n"}},{"fileData":{"fileUri":"https://h/c.png","mimeType":"image/png"}}]}]})")
                               .body;
  EXPECT_NE(
      back.find(R"("content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}},{"type":"text","text":"n\n\nGrüße"},)"
                R"({"type":"image_url","image_url":{"url":"https://h/c.png"}}])"),
      std::string::npos)
      << back;
  EXPECT_EQ(refusal(gemini, openai, R"({"contents":[{"parts":[{"text":"a"},{"fileData":{"fileUri":"https://youtu.be/x"}}]}]})"),
            "contents[0].parts[1].fileData cannot be sent to OpenAI chat completions (there is no video in this API; send pictures of it)");
  EXPECT_EQ(refusal(gemini, openai, R"({"contents":[{"parts":[{"inlineData":{"data":"AAAA"}}]}]})"),
            "contents[0].parts[0].inlineData.mimeType: is no media type");
}

TEST(GeminiRequest, SendsOnlyTheToolsThatMayBeCalled) {
  const std::string body =
      translated(gemini, openai, R"({"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"f"},
      {"name":"g"},{"name":"h"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f","h"]}}})")
          .body;
  EXPECT_NE(
      body.find(
          R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"h"}}],"tool_choice":"required")"),
      std::string::npos)
      << body;
}

TEST(GeminiRequest, ClosesTheObjectsOfAnAnswersSchema) {
  const auto format = [](std::string_view required) {
    const std::string body = translated(gemini, openai,
                                        R"({"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"responseMimeType":)"
                                        R"("application/json","responseSchema":{"type":"OBJECT","properties":{"a":{"type":"ARRAY",)"
                                        R"("items":{"type":"OBJECT","properties":{"b":{"type":"STRING"}},"required":["b"]}}})" +
                                            std::string(required) + "}}}")
                                 .body;
    return body.substr(body.find("\"response_format\""));
  };
  EXPECT_EQ(
      format(R"(,"required":["a"])"),
      R"("response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"a":{"type":"array",)"
      R"("items":{"type":"object","properties":{"b":{"type":"string"}},"required":["b"],"additionalProperties":false}}},"required":["a"],)"
      R"("additionalProperties":false},"strict":true}}})");
  EXPECT_NE(format("").find(R"("strict":false)"), std::string::npos) << "strict schemas have no optional properties";
}

TEST(GeminiRequest, IsReadAgainInWhateverItBecame) {
  const std::string_view body =
      R"({"contents":[{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}},
      {"file_data":{"file_uri":"https://h/a.pdf"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"n":1}},"thoughtSignature":"U2ln"},
      {"functionCall":{"id":"i","name":"g"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"},"parts":[
      {"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}},{"functionResponse":{"id":"i","name":"g","response":{"error":"no"}}}]}],
      "tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}],"generationConfig":{"maxOutputTokens":9}})";
  for (const Format to : provider_formats) {
    const auto once = translate_request(gemini, to, body, {}, {.model = "m", .stream = false});
    if (!once) {
      EXPECT_FALSE(once.error().hint.empty()) << once.error().text();
      continue;
    }
    const auto again = translate_request(to, to, once->body, {}, {.model = "m", .stream = false});
    EXPECT_TRUE(again) << name_of(to) << ": " << again.error().text() << "\n" << once->body;
  }
}

TEST(GeminiRequest, CountsTokensOfEitherBody) {
  const auto plain = estimate_tokens(gemini, R"({"contents":[{"parts":[{"text":"twelve bytes"}]}]})");
  const auto wrapped =
      estimate_tokens(gemini, R"({"generateContentRequest":{"model":"models/m","contents":[{"parts":[{"text":"twelve bytes"}]}]}})");
  ASSERT_TRUE(plain);
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(*plain, *wrapped);
  EXPECT_GT(*plain, 3);
}

}  // namespace
}  // namespace flotte::dialect
