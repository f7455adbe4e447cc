// Hub and node one protocol apart: what the earlier one says is understood, and what this one says holds all that the earlier one reads.
// test/golden/link/protocol-N.jsonl is what protocol N wrote. It is never edited; a new protocol adds a file.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "wire/features.hpp"
#include "wire/link.hpp"

namespace flotte::wire {
namespace {

struct Line {
  bool to_node = false;
  json::object message;
};

std::vector<Line> golden(int protocol) {
  const auto path =
      std::filesystem::path(__FILE__).parent_path() / "../../test/golden/link" / ("protocol-" + std::to_string(protocol) + ".jsonl");
  std::vector<Line> out;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    const json::object line = json::parse_object(text).value();
    out.push_back({json::string_or(line, "to", "") == "node", *json::get_object(line, "message")});
  }
  EXPECT_GT(out.size(), 15U) << path;
  return out;
}

/// The message as this version says it after having read it.
Result<std::string> said_again(const Line& line) {
  const std::string text = json::dump(line.message);
  if (line.to_node) {
    auto read = parse_to_node(text);
    if (!read) return pass(read);
    return format(*read);
  }
  auto read = parse_to_hub(text);
  if (!read) return pass(read);
  return format(*read);
}

/// What stands in `old` stands in `now`, with the same value; lists have the same length.
void expect_within(const json::value& old, const json::value& now, const std::string& where) {
  if (const json::object* object = old.if_object()) {
    ASSERT_TRUE(now.is_object()) << where;
    for (const auto& member : *object) {
      const std::string place = where + "." + std::string(member.key());
      const auto found = now.get_object().find(member.key());
      ASSERT_TRUE(found != now.get_object().end()) << place << " is gone";
      expect_within(member.value(), found->value(), place);
    }
  } else if (const json::array* array = old.if_array()) {
    ASSERT_TRUE(now.is_array() && now.get_array().size() == array->size()) << where;
    for (std::size_t i = 0; i < array->size(); ++i) expect_within((*array)[i], now.get_array()[i], where + "[" + std::to_string(i) + "]");
  } else {
    EXPECT_EQ(old, now) << where;
  }
}

class LinkVersions : public ::testing::TestWithParam<int> {};

TEST_P(LinkVersions, ReadWhatTheEarlierProtocolSaysAndSayWhatItReads) {
  for (const Line& line : golden(GetParam())) {
    const std::string type = json::string_or(line.message, "type", "");
    const auto again = said_again(line);
    ASSERT_TRUE(again) << type << ": " << again.error().text();
    json::object old = line.message;
    if (type == "challenge" || type == "hello") old.erase("protocol");  // each says its own
    expect_within(old, json::parse(*again).value(), type);
  }
}
INSTANTIATE_TEST_SUITE_P(Golden, LinkVersions, ::testing::Range(oldest_link_protocol, link_protocol));

TEST(LinkVersions, AnOldChallengeAndAnOldHelloAreOfProtocolOne) {
  const auto challenge = parse_to_node(R"({"type":"challenge","nonce":"n","hub":"attic"})");
  ASSERT_TRUE(challenge);
  EXPECT_EQ(std::get<Challenge>(*challenge).protocol, 1);
  EXPECT_EQ(std::get<Challenge>(*challenge).oldest, 1);
  const auto hello = parse_to_hub(R"({"type":"hello","protocol":1,"node":"box"})");
  ASSERT_TRUE(hello);
  EXPECT_TRUE(std::get<Hello>(*hello).host.features.empty());
}

TEST(LinkVersions, WhatANewerVersionSaysIsToldApartFromNonsense) {
  EXPECT_EQ(parse_to_node(R"({"type":"hibernate","for_ms":1})").error().code, Code::unsupported);
  EXPECT_EQ(parse_to_hub(R"({"type":"sing","song":"x"})").error().code, Code::unsupported);
  EXPECT_EQ(parse_to_hub(R"({"type":"accept"})").error().code, Code::invalid_argument);
  const auto records = parse_to_hub(
      R"({"type":"records","items":[{"number":7,"run":{"task":"t1","fence":5},"kind":"smell","at_ms":1,"body":{"of":"smoke"}}]})");
  ASSERT_TRUE(records) << records.error().text();
  EXPECT_EQ(std::get<Records>(*records).items.at(0).kind, RecordKind::other);
  EXPECT_EQ(std::get<Records>(*records).items.at(0).number, 7);
}

TEST(LinkVersions, AnOfferThatCannotBeReadStillSaysOfWhichRunItIs) {
  const std::string text =
      R"({"type":"offer","run":{"task":"t4","fence":10},"spec":{"kind":"dance","input":{"steps":[1,2]}},"worker":"w"})";
  EXPECT_FALSE(parse_to_node(text));
  EXPECT_EQ(run_of_offer(text), (RunId{"t4", 10}));
  EXPECT_FALSE(run_of_offer(R"({"type":"cancel","run":{"task":"t4","fence":10}})"));
  EXPECT_FALSE(run_of_offer("{"));
}

TEST(Features, AreNamedOnceAndAskedForByName) {
  const auto names = feature_names();
  ASSERT_FALSE(names.empty());
  for (const std::string& name : names) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
    EXPECT_EQ(find_feature(name)->name, name);
  }
  EXPECT_EQ(find_feature("dance"), nullptr);
  TaskSpec spec;
  EXPECT_TRUE(required_features(spec).empty()) << "ordinary work needs no features: old nodes do it";
  spec.features = {"steps", "dance", "steps"};
  EXPECT_EQ(required_features(spec), (std::vector<std::string>{"dance", "steps"}));
  EXPECT_EQ(feature_of_label(feature_label("steps")), "steps");
  EXPECT_TRUE(feature_of_label("gpu").empty());
}

TEST(Features, ComeWithTheTasksSpecification) {
  const auto spec = TaskSpec::from_json(json::parse_object(R"({"kind":"prompt","input":{"prompt":"x"},"features":["steps"]})").value());
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->features, std::vector<std::string>{"steps"});
  EXPECT_EQ(TaskSpec::from_json(spec->to_json())->features, spec->features);
  EXPECT_FALSE(TaskSpec::from_json(json::parse_object(R"({"kind":"prompt","input":{"prompt":"x"},"features":["",1]})").value()));
}

}  // namespace
}  // namespace flotte::wire
