// What joining machines and their people see of a hub: invitations, the script, the authority, names and labels.
#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "hub/join_script.hpp"
#include "hub/reach.hpp"
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::eventually;
using testing::Reply;
using testing::RunningHub;

std::string labels_of(const Reply& reply) {
  std::string out;
  for (const std::string& label : json::strings(reply.object(), "labels")) out += label + " ";
  return out;
}

class Joining : public ::testing::Test {
 protected:
  Reply patch(const std::string& node, const std::string& body) { return hub.ask("PATCH", "/fleet/v1/nodes/" + node, body, hub.admin()); }
  Reply enrol(const std::string& code, const std::string& name, char key) {
    return hub.ask("POST", "/fleet/v1/enrol",
                   fmt::format(R"({{"code":"{}","name":"{}","public_key":"{}"}})", code, name, to_base64url(std::string(32, key))), "");
  }
  std::string invite(const std::string& body = "{}") {
    const std::string join = hub.post("/fleet/v1/invites", body).text("join");
    return join.substr(join.find('#') + 1);
  }
  RunningHub hub;
};

TEST_F(Joining, APlainHubPrintsAPlainLine) {
  const Reply invite = hub.post("/fleet/v1/invites");
  ASSERT_EQ(invite.status, 201);
  EXPECT_TRUE(invite.object().at("pin").is_null());
  const std::string url = hub->url(), join = invite.text("join");
  EXPECT_TRUE(join.starts_with(url + "#")) << join;
  EXPECT_EQ(join.find('.', url.size()), std::string::npos) << "no pin";
  EXPECT_EQ(invite.text("command"), fmt::format("curl -fsS {}/join | sh -s -- '{}'", url, join));
  EXPECT_EQ(hub.ask("GET", "/ca.pem", "", "").status, 404);
}

TEST_F(Joining, TheScriptNeedsNoKeyAndActsInItsLastLine) {
  const Reply script = hub.ask("GET", "/join", "", "");
  ASSERT_EQ(script.status, 200);
  EXPECT_TRUE(script.header("content-type").starts_with("text/x-shellscript"));
  EXPECT_TRUE(script.body.ends_with("\nmain \"$@\"\n"));
  EXPECT_NE(script.body.find("flotte_version='" FLOTTE_VERSION "'"), std::string::npos);
  EXPECT_EQ(hub.ask("POST", "/join", "", "").status, 405);
}

TEST_F(Joining, TheInvitationNamesAndTheSecondOfANameIsNumbered) {
  EXPECT_EQ(enrol(invite(R"({"name":"box","labels":["gpu"]})"), "DESKTOP", 'a').text("name"), "box");
  EXPECT_EQ(enrol(invite(), "laptop", 'b').text("name"), "laptop");
  EXPECT_EQ(enrol(invite(), "laptop", 'c').text("name"), "laptop-2");
  EXPECT_EQ(hub.post("/fleet/v1/invites", R"({"name":"box"})").status, 409);
  EXPECT_EQ(hub.post("/fleet/v1/invites", R"({"name":"a b"})").status, 400);
  EXPECT_EQ(hub.post("/fleet/v1/invites", R"({"labels":["a b"]})").status, 400);
  // The same machine is the same node; an invitation may call it otherwise.
  EXPECT_EQ(enrol(invite(), "laptop", 'b').text("name"), "laptop");
  EXPECT_EQ(enrol(invite(R"({"name":"attic"})"), "laptop", 'b').text("name"), "attic");
  EXPECT_EQ(enrol(invite(), "laptop", 'd').text("name"), "laptop") << "the name is free again";
}

TEST_F(Joining, LabelsOfANodeAreSetAndKept) {
  ASSERT_TRUE(eventually([&] { return hub.get("/fleet/v1/nodes/home").status == 200; }));
  EXPECT_EQ(labels_of(patch("home", R"({"labels":["quiet","office"]})")), "quiet office ");
  EXPECT_EQ(patch("home", R"({"name":"x"})").status, 400);
  EXPECT_EQ(patch("home", "{}").status, 400);
  EXPECT_EQ(patch("home", R"({"labels":"quiet"})").status, 400);
  EXPECT_EQ(patch("home", R"({"labels":["a b"]})").status, 400);
  EXPECT_EQ(patch("home", R"({"colour":"red"})").status, 400);
  EXPECT_EQ(patch("nobody", R"({"labels":[]})").status, 404);
  hub.stop();
  hub.start();
  ASSERT_TRUE(eventually([&] { return hub.get("/fleet/v1/nodes/home").status == 200; }));
  EXPECT_EQ(labels_of(hub.get("/fleet/v1/nodes/home")), "quiet office ");
}

TEST(Lan, SpeaksTlsFromItsOwnAuthorityAndPlainHttpToLoopback) {
  RunningHub hub([](HubConfig& config) {
    config.host = "0.0.0.0";
    config.own_authority = true;
  });
  ASSERT_FALSE(hub->pin().empty());
  const std::string before = hub->pin();
  const Reply authority = hub.ask("GET", "/ca.pem", "", "");
  ASSERT_EQ(authority.status, 200);
  EXPECT_TRUE(authority.body.starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_EQ(authority.body.find("PRIVATE"), std::string::npos);
  const Reply invite = hub.post("/fleet/v1/invites");
  EXPECT_EQ(invite.text("pin"), before);
  const std::string join = invite.text("join"), command = invite.text("command");
  EXPECT_TRUE(join.starts_with("https://")) << join;
  EXPECT_NE(command.find("--pinnedpubkey 'sha256//" + before + "'"), std::string::npos) << command;
  if (!network_address().empty()) {
    EXPECT_EQ(join.find("127.0.0.1"), std::string::npos) << "others cannot reach that";
  }
  EXPECT_EQ(from_base64url(join.substr(join.rfind('.') + 1)), from_base64(before)) << "the code carries the pin";
  hub.stop();
  hub.start();
  EXPECT_EQ(hub->pin(), before);
}

TEST(Reach, TellsHostsApart) {
  EXPECT_EQ(host_of("h:7700"), "h");
  EXPECT_EQ(host_of("h"), "h");
  EXPECT_EQ(host_of("[::1]:7700"), "::1");
  EXPECT_EQ(in_url("::1"), "[::1]");
  EXPECT_TRUE(is_loopback("127.0.0.2"));
  EXPECT_FALSE(is_loopback("192.168.1.5"));
  const auto all = machine_addresses();
  EXPECT_NE(std::find(all.begin(), all.end(), "127.0.0.1"), all.end());
}

}  // namespace
}  // namespace flotte::hub
