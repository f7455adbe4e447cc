// Every link message there and back, and what is refused.
#include "wire/link.hpp"

#include <gtest/gtest.h>

namespace flotte::wire {
namespace {

/// What a message says after having been text: written again it must be the same text.
template <class Message>
Message round_trip(const Message& message) {
  const std::string text = [&] {
    if constexpr (std::is_constructible_v<ToNode, Message>)
      return format(ToNode(message));
    else
      return format(ToHub(message));
  }();
  if constexpr (std::is_constructible_v<ToNode, Message>) {
    auto read = parse_to_node(text);
    EXPECT_TRUE(read) << (read ? "" : read.error().text());
    EXPECT_EQ(format(*read), text);
    return std::get<Message>(*read);
  } else {
    auto read = parse_to_hub(text);
    EXPECT_TRUE(read) << (read ? "" : read.error().text());
    EXPECT_EQ(format(*read), text);
    return std::get<Message>(*read);
  }
}

TaskSpec a_spec() {
  TaskSpec spec;
  spec.kind = TaskKind::command;
  spec.title = "list \"files\"";
  spec.worker = "shell";
  spec.labels = {"a", "b"};
  spec.priority = 0;
  spec.not_before = from_ms(1'795'249'800'123);
  spec.exclusive = true;
  spec.input = {{"argv", json::array{"ls", "-l"}}, {"env", json::object{{"LC_ALL", "C"}}}};
  return spec;
}

TEST(Link, CarriesWhatTheHubSays) {
  EXPECT_EQ(round_trip(Challenge{"n0nce", "attic"}).nonce, "n0nce");
  const Welcome w = round_trip(Welcome{"box", "attic", "ticket", 7, 3000, 41, 3, {{"t1", 5}}, {{"t2", 6}, {"t3", 9}}});
  EXPECT_EQ(w.epoch, 7);
  EXPECT_EQ(w.lease_ms, 3000);
  EXPECT_EQ(w.acknowledged, 41);
  EXPECT_EQ(w.keep, (std::vector<RunId>{{"t1", 5}}));
  EXPECT_EQ(w.drop, (std::vector<RunId>{{"t2", 6}, {"t3", 9}}));
  const Offer offer = round_trip(Offer{{"t4", 10}, 2, a_spec(), "shell", "b1", "fr_x"});
  EXPECT_EQ(offer.run, (RunId{"t4", 10}));
  EXPECT_EQ(offer.attempt, 2);
  EXPECT_EQ(offer.spec.title, "list \"files\"");
  EXPECT_EQ(offer.spec.not_before, a_spec().not_before);
  EXPECT_EQ(offer.spec.input, a_spec().input);
  EXPECT_EQ(offer.key, "fr_x");
  EXPECT_EQ(round_trip(Acknowledge{12}).up_to, 12);
  EXPECT_EQ(round_trip(Cancel{{"t1", 5}}).run.fence, 5);
  EXPECT_EQ(round_trip(Drop{{{"t1", 5}}}).runs.size(), 1U);
  EXPECT_EQ(round_trip(Spares{4, 2}).now, 2);
  EXPECT_TRUE(round_trip(Stop{true}).revoked);
  EXPECT_EQ(round_trip(BeatAnswer{3}).number, 3);
}

TEST(Link, CarriesWhatANodeSays) {
  Hello hello;
  hello.node = "box";
  hello.signature = "c2ln";
  hello.host = {"box.lan", "linux", "x86_64", "0.1.0", 8, 16000, {"gpu"}};
  hello.engines = {{"llama", "llama-server", "ready", {"tiny"}, 4, 8192, true, "the last lines"}};
  hello.workers = {{"reader", "model", "tiny", 4, {"documents"}, true}};
  hello.running = {{"t9", 77}};
  hello.spool_from = 100;
  hello.instance = 5;
  const Hello read = round_trip(hello);
  EXPECT_EQ(read.host.cpus, 8);
  EXPECT_EQ(read.engines.at(0).models, std::vector<std::string>{"tiny"});
  EXPECT_TRUE(read.engines.at(0).demonstration);
  EXPECT_TRUE(read.workers.at(0).exclusive);
  EXPECT_EQ(read.running, hello.running);
  EXPECT_EQ(read.spool_from, 100);
  EXPECT_EQ(read.instance, 5);

  EXPECT_DOUBLE_EQ(round_trip(Beat{3, 0.75}).load, 0.75);
  EXPECT_EQ(round_trip(Accept{{"t1", 5}}).run.task, "t1");
  EXPECT_EQ(round_trip(Refuse{{"t1", 5}, "no such worker"}).message, "no such worker");
  EXPECT_EQ(round_trip(Announce{hello.engines, hello.workers}).engines.at(0).context_tokens, 8192);
  Activity activity{"t1", "a letter", 5, "part 3 of 7", "engine@box/tiny", "…und", 120, 0.4, 1'795'249'800'123};
  const Doing doing = round_trip(Doing{"reader", {activity}});
  EXPECT_EQ(doing.activities.at(0).tail, "…und");
  EXPECT_DOUBLE_EQ(doing.activities.at(0).progress, 0.4);
  EXPECT_EQ(doing.activities.at(0).since_ms, activity.since_ms);
  EXPECT_TRUE(round_trip(Goodbye{true}).sleeping);
}

TEST(Link, CarriesRecordsAndTheirOutcome) {
  Finished finished;
  finished.outcome = "failed";
  finished.error = Error(Code::unavailable, "no engine", "start one");
  finished.retryable = false;
  finished.target = "openai/gpt";
  finished.usage = {10, 4, 20, 1'250'000'000'000};
  finished.result = json::object{{"text", "x"}};
  Records records;
  records.items.push_back({1, {"t1", 5}, RecordKind::started, 17, {}});
  records.items.push_back({2, {"t1", 5}, RecordKind::output, 18, {{"stream", "stdout"}, {"text", "a\nb"}}});
  records.items.push_back({3, {"t1", 5}, RecordKind::finished, 19, finished.to_json()});
  const Records read = round_trip(records);
  ASSERT_EQ(read.items.size(), 3U);
  EXPECT_EQ(read.items[1].body, records.items[1].body);
  const Finished back = Finished::from_json(read.items[2].body);
  EXPECT_EQ(back.outcome, "failed");
  EXPECT_EQ(back.error->code, Code::unavailable);
  EXPECT_EQ(back.error->hint, "start one");
  EXPECT_FALSE(back.retryable);
  EXPECT_EQ(back.usage.cost_pico_usd, 1'250'000'000'000);
  EXPECT_EQ(back.result, finished.result);
}

TEST(Link, IgnoresMembersItDoesNotKnow) {
  const auto read = parse_to_hub(R"({"type":"accept","run":{"task":"t1","fence":5,"later":1},"colour":["red"]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<Accept>(*read).run, (RunId{"t1", 5}));
}

TEST(Link, RefusesUnknownTypesAndTheOtherSidesMessages) {
  const auto unknown = parse_to_hub(R"({"type":"dance"})");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::unsupported);
  EXPECT_NE(unknown.error().message.find("dance"), std::string::npos);
  EXPECT_FALSE(parse_to_hub(format(ToNode(BeatAnswer{1}))));
  EXPECT_FALSE(parse_to_node(format(ToHub(Beat{1, 0}))));
}

TEST(Link, RefusesGarbageWithoutFallingOver) {
  for (const char* text : {"", "{", "[]", "null", "7", R"({"type":7})", R"({"type":"accept"})", R"({"type":"accept","run":{"task":"t1"}})",
                           R"({"type":"accept","run":{"task":"t1","fence":1.5}})", R"({"type":"records","items":{}})",
                           R"({"type":"records","items":[{"number":1,"run":{"task":"t1","fence":1}}]})", R"({"type":"hello","protocol":1})",
                           R"({"type":"hello","protocol":1,"node":"x","running":[7]})", "\xff\xfe"})
    EXPECT_FALSE(parse_to_hub(text)) << text;
  for (const char* text : {R"({"type":"welcome"})", R"({"type":"welcome","epoch":1,"lease_ms":0})",
                           R"({"type":"offer","run":{"task":"t1","fence":1},"spec":{"kind":"prompt","input":{}}})"})
    EXPECT_FALSE(parse_to_node(text)) << text;
  // Every prefix of a message is refused, none crashes.
  const std::string whole = format(ToHub(Accept{{"t1", 5}}));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_to_hub(whole.substr(0, n)));
}

TEST(Link, CarriesWhatAMachineHasAndWhatItCannotUse) {
  HostInfo host;
  host.hostname = "box";
  host.labels = {"office"};
  host.wake = true;
  Capacity& has = host.capacity;
  has.measured_at_ms = 1'700'000'000'000;
  has.cores = 8;
  has.memory_mb = 32'000;
  has.gpus = {{"RTX 3060", "nvidia", 12'288, 11'000}, {"small", "amd", 2'048, 1'000}};
  has.power = "battery";
  has.battery_percent = 71;
  has.metered = true;
  has.agents = {{"claude", "Claude Code", "/usr/bin/claude", "2.1.0", true}, {"codex", "Codex", "/usr/bin/codex", "", false}};
  has.networks = {{"enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24", true}};
  host.seen = {{"model", "big.gguf", "/models/big.gguf", "it is too large", ""}};
  const Announce read = round_trip(Announce{{}, {}, host});
  ASSERT_TRUE(read.host.has_value());
  EXPECT_EQ(read.host->capacity, has);
  EXPECT_EQ(read.host->seen, host.seen);
  EXPECT_TRUE(read.host->wake);
  EXPECT_EQ(read.host->capacity.vram_mb(), 12'288);
  const std::vector<std::string> all = read.host->all_labels();
  for (const char* label : {"office", "gpu", "battery", "metered", "agent:claude", "cores=8", "memory=32000", "vram=12288"})
    EXPECT_NE(std::find(all.begin(), all.end(), label), all.end()) << label;
  EXPECT_EQ(std::find(all.begin(), all.end(), "agent:codex"), all.end()) << "nobody is logged in";
  EXPECT_FALSE(round_trip(Announce{}).host.has_value());
}

TEST(Link, UnderstandsANodeThatMeasuresNothing) {
  const HostInfo old = HostInfo::from_json({{"hostname", "box"}, {"cpus", 4}, {"labels", json::array{"office"}}});
  EXPECT_EQ(old.capacity, Capacity{});
  EXPECT_EQ(old.all_labels().front(), "office");
  EXPECT_FALSE(old.wake);
}

TEST(Link, CarriesWorkersOfTheHubAndWishesToWake) {
  Welcome welcome;
  welcome.epoch = 1;
  welcome.workers = {{.name = "reader", .kind = "model", .model = "smart", .slots = 3, .labels = {"quiet"}}};
  EXPECT_EQ(round_trip(welcome).workers.at(0).slots, 3);
  EXPECT_EQ(round_trip(Define{welcome.workers}).workers.at(0).model, "smart");
  EXPECT_TRUE(round_trip(Define{}).workers.empty());
  const Wake wake = round_trip(Wake{"box", {{"enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24", true}}});
  EXPECT_EQ(wake.node, "box");
  EXPECT_EQ(wake.cards.at(0).subnet, "192.168.1.0/24");
}

}  // namespace
}  // namespace flotte::wire
