// Keys, computed credentials and enrolment on a database in memory.
#include <gtest/gtest.h>

#include <functional>

#include "access/enrolment.hpp"
#include "access/key.hpp"
#include "access/migrations.hpp"
#include "access/ticket.hpp"
#include "store/store.hpp"

namespace flotte::access {
namespace {

class ManualClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(milliseconds(1'000'000'000'000) + passed); }
  SteadyTime steady() const override { return SteadyTime(passed); }
  milliseconds passed{0};
};

class AccessTest : public testing::Test {
 protected:
  template <class T>
  Result<T> write(std::function<Result<T>(store::Transaction&)> body) {
    Result<T> out = fail(Code::internal, "not called");
    database->post_write<T>(std::move(body), [&out](Result<T> r) { out = std::move(r); });
    return out;
  }
  ManualClock clock;
  std::unique_ptr<store::Store> database =
      store::Store::inline_for_tests(clock, std::vector<store::Migration>(migrations().begin(), migrations().end()));
};

TEST_F(AccessTest, AKeyIsFoundByItsTextUntilItIsRevoked) {
  auto made = write<NewKey>([](store::Transaction& tx) { return make_key(tx, "laptop", Scopes{.models = true}, {"gpt-*"}); });
  ASSERT_TRUE(made);
  auto ring = write<std::shared_ptr<const Keyring>>([](store::Transaction& tx) { return Keyring::load(tx); });
  ASSERT_TRUE(ring);
  const Key* key = (*ring)->find(made->secret);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->name, "laptop");
  EXPECT_TRUE(key->scopes.models);
  EXPECT_FALSE(key->scopes.admin);
  ASSERT_TRUE(key->models);
  EXPECT_EQ(key->models->front(), "gpt-*");
  EXPECT_EQ((*ring)->find(made->secret + "x"), nullptr);
  EXPECT_EQ((*ring)->find(""), nullptr);
  ASSERT_TRUE(write<Key>([&](store::Transaction& tx) { return revoke_key(tx, made->key.id); }));
  ring = write<std::shared_ptr<const Keyring>>([](store::Transaction& tx) { return Keyring::load(tx); });
  EXPECT_EQ((*ring)->find(made->secret), nullptr);
}

TEST_F(AccessTest, AKeyIsBoundToProvidersAndSoIsItsWorkAfterItIsRevoked) {
  const KeyLimits limits{.providers = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"acme", "*@box"})};
  auto made = write<NewKey>([&](store::Transaction& tx) { return make_key(tx, "acme", Scopes{.models = true}, {}, limits); });
  ASSERT_TRUE(made);
  ASSERT_TRUE(write<NewKey>([](store::Transaction& tx) { return make_key(tx, "free", Scopes{.models = true}, {}); }));
  auto ring = write<std::shared_ptr<const Keyring>>([](store::Transaction& tx) { return Keyring::load(tx); });
  ASSERT_TRUE(ring);
  EXPECT_EQ(*(*ring)->find(made->secret)->limits.providers, *limits.providers);
  EXPECT_EQ(*(*ring)->providers_of("acme"), *limits.providers);
  EXPECT_EQ((*ring)->providers_of("free"), nullptr);
  ASSERT_TRUE(write<Key>([&](store::Transaction& tx) { return revoke_key(tx, made->key.id); }));
  ring = write<std::shared_ptr<const Keyring>>([](store::Transaction& tx) { return Keyring::load(tx); });
  EXPECT_EQ(*(*ring)->providers_of("acme"), *limits.providers) << "tasks that it handed in go on within its bounds";
  EXPECT_EQ((*ring)->all().size(), 1U);
  EXPECT_EQ((*ring)->payers().size(), 2U) << "and it pays for them within its budgets";
  ASSERT_TRUE(write<NewKey>([](store::Transaction& tx) { return make_key(tx, "acme", Scopes{.models = true}, {}); }));
  ring = write<std::shared_ptr<const Keyring>>([](store::Transaction& tx) { return Keyring::load(tx); });
  EXPECT_EQ((*ring)->payers().size(), 2U) << "until there is another of its name";
  EXPECT_EQ((*ring)->find_by_id(made->key.id), nullptr);
}

TEST_F(AccessTest, AKeyKeepsItsLimits) {
  const KeyLimits limits{.requests_per_minute = 60, .day_pico_usd = 1'500'000'000'000};
  auto made = write<NewKey>([&](store::Transaction& tx) { return make_key(tx, "laptop", Scopes{.models = true}, {}, limits); });
  ASSERT_TRUE(made);
  ASSERT_TRUE(write<NewKey>([](store::Transaction& tx) { return make_key(tx, "free", Scopes{.models = true}, {}); }));
  auto ring = write<std::shared_ptr<const Keyring>>([](store::Transaction& tx) { return Keyring::load(tx); });
  ASSERT_TRUE(ring);
  EXPECT_EQ((*ring)->all().size(), 2u);
  EXPECT_EQ((*ring)->find(made->secret)->limits, limits);
  EXPECT_FALSE((*ring)->find_by_id("k2")->limits.any());
  const json::object shown = made->key.to_json();
  EXPECT_EQ(shown.at("rpm"), 60);
  EXPECT_EQ(shown.at("budget_day_usd"), "1.50");
  EXPECT_TRUE(shown.at("budget_month_usd").is_null());
}

TEST_F(AccessTest, TheLastAdminKeyStays) {
  ASSERT_TRUE(write<void>([](store::Transaction& tx) { return adopt_key(tx, "admin", Scopes{.admin = true}, "fk_x"); }));
  const auto refused = write<Key>([](store::Transaction& tx) { return revoke_key(tx, "k1"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::conflict);
}

TEST_F(AccessTest, UnknownScopesAreNamed) {
  const auto scopes = Scopes::parse({"models", "everything"});
  ASSERT_FALSE(scopes);
  EXPECT_NE(scopes.error().message.find("everything"), std::string::npos);
  EXPECT_FALSE(Scopes::parse({}));
}

TEST(Tickets, ARunKeyIsOursAndCannotBeChanged) {
  const Tickets tickets(Secret("0123456789abcdef0123456789abcdef"));
  const std::string key = tickets.run_key({.task = 42, .fence = 7});
  const auto run = tickets.parse_run_key(key);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->task, 42);
  EXPECT_EQ(run->fence, 7);
  for (std::size_t i = 3; i < key.size(); ++i) {
    std::string other = key;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tickets.parse_run_key(other)) << i;
  }
  EXPECT_FALSE(Tickets(Secret("another secret of thirty-two byte")).parse_run_key(key));
  EXPECT_FALSE(tickets.parse_run_key("fr_"));
}

TEST(Tickets, ASessionEndsAndIsNoRunKey) {
  const Tickets tickets(Secret("0123456789abcdef0123456789abcdef"));
  const std::string text = tickets.session({"k3", from_ms(5000)});
  ASSERT_TRUE(tickets.parse_session(text, from_ms(4999)));
  EXPECT_EQ(tickets.parse_session(text, from_ms(4999))->key_id, "k3");
  EXPECT_FALSE(tickets.parse_session(text, from_ms(5000)));
  EXPECT_FALSE(tickets.parse_run_key("fr_" + text.substr(3)));
}

class Enrolment : public AccessTest {
 protected:
  std::string invite(InviteWish wish = {}) {
    const auto made = write<Invite>([&](store::Transaction& tx) { return make_invite(tx, wish); });
    return made ? made->code : made.error().message;
  }
  Result<Enrolled> enrolled(const std::string& code, const std::string& name, char key = 'k') {
    return write<Enrolled>([&](store::Transaction& tx) { return enrol(tx, code, name, std::string(32, key)); });
  }
  Result<KnownNode> found(const std::string& name, const std::string& key = "") {
    return write<KnownNode>([&](store::Transaction& tx) { return find_node(tx, name, key); });
  }
  Result<void> revoked(const std::string& name) {
    return write<void>([&](store::Transaction& tx) { return revoke_node(tx, name); });
  }
  Result<void> renamed(const std::string& from, const std::string& to) {
    return write<void>([&](store::Transaction& tx) { return rename_node(tx, from, to); });
  }
};

TEST_F(Enrolment, ACodeIsGoodOnceAndForTenMinutes) {
  const std::string code = invite();
  EXPECT_FALSE(enrolled("wrong", "box"));
  EXPECT_TRUE(enrolled(code, "box"));
  const auto used = enrolled(code, "other", 'o');
  EXPECT_EQ(used.error().code, Code::unauthenticated);
  EXPECT_NE(used.error().message.find("used"), std::string::npos);
  const std::string late = invite();
  clock.passed += std::chrono::minutes(10);
  EXPECT_NE(enrolled(late, "late", 'l').error().message.find("expired"), std::string::npos);
  EXPECT_FALSE(enrolled(invite(), "../etc", 'e'));
}

TEST_F(Enrolment, ManyMachinesMayComeWithOneName) {
  EXPECT_EQ(enrolled(invite(), "laptop", 'a')->name, "laptop");
  EXPECT_EQ(enrolled(invite(), "laptop", 'b')->name, "laptop-2");
  EXPECT_EQ(enrolled(invite(), "laptop", 'c')->name, "laptop-3");
  EXPECT_EQ(enrolled(invite(), "home", 'd')->name, "home-2") << "home is the hub's own";
  EXPECT_EQ(enrolled(invite(), "another name", 'b')->name, "laptop-2") << "it is enrolled already";
}

TEST_F(Enrolment, TheInvitationNamesTheNode) {
  const auto box = enrolled(invite({"box", {"gpu", "office"}}), "DESKTOP-4711");
  ASSERT_TRUE(box);
  EXPECT_EQ(box->name, "box");
  EXPECT_EQ(box->labels, (std::vector<std::string>{"gpu", "office"}));
  EXPECT_EQ(box->rename, "");
  EXPECT_NE(invite({"box", {}}).find("enrolled already"), std::string::npos);
  const auto again = enrolled(invite({"attic", {}}), "DESKTOP-4711");
  EXPECT_EQ(again->name, "box");
  EXPECT_EQ(again->rename, "attic");
  const std::string first = invite({"third", {}}), second = invite({"third", {}});
  EXPECT_TRUE(enrolled(first, "x", 'x'));
  EXPECT_EQ(enrolled(second, "y", 'y').error().code, Code::conflict);
  EXPECT_NE(invite({"x", {"two words"}}).find("label"), std::string::npos);
}

TEST_F(Enrolment, ANodeIsKnownByItsKeyWhateverItsName) {
  const std::string key(32, 'k');
  ASSERT_TRUE(enrolled(invite(), "box"));
  ASSERT_TRUE(renamed("box", "attic"));
  EXPECT_EQ(found("box", key)->name, "attic");
  EXPECT_EQ(found("box").error().code, Code::not_found);
  EXPECT_EQ(found("attic")->public_key, key);
  EXPECT_EQ(enrolled(invite(), "box", 'n')->name, "box") << "the old name is free";
  EXPECT_EQ(renamed("attic", "box").error().code, Code::conflict);
  EXPECT_EQ(renamed("attic", "a b").error().code, Code::invalid_argument);
  EXPECT_EQ(renamed("nobody", "x").error().code, Code::not_found);
}

TEST_F(Enrolment, ARevokedNodeIsRefusedUntilItIsEnrolledAgain) {
  const std::string key(32, 'k');
  ASSERT_TRUE(enrolled(invite(), "box"));
  EXPECT_EQ(found("box", key)->public_key, key);
  ASSERT_TRUE(revoked("box"));
  EXPECT_EQ(found("box", key).error().code, Code::forbidden);
  EXPECT_EQ(found("box").error().code, Code::forbidden);
  EXPECT_EQ(enrolled(invite(), "box")->name, "box");
  EXPECT_TRUE(found("box", key));
  ASSERT_TRUE(revoked("box"));
  EXPECT_EQ(enrolled(invite(), "other")->name, "other");
  EXPECT_EQ(found("box", key)->name, "other") << "the living row counts";
  EXPECT_EQ(found("nobody", std::string(32, 'z')).error().code, Code::not_found);
}

}  // namespace
}  // namespace flotte::access
