#include "route/catalog.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/money.hpp"
#include "route/vendors.hpp"

namespace flotte::route {
namespace {

using testing::HasSubstr;

Catalog catalog_of(std::string_view text) {
  auto catalog = Catalog::parse(text, "models.toml");
  EXPECT_TRUE(catalog) << catalog.error().message;
  return catalog ? *catalog : Catalog();
}

std::string mistakes_in(std::string_view text) {
  const auto catalog = Catalog::parse(text, "models.toml");
  return catalog ? "none" : catalog.error().message;
}

TEST(Catalog, TheCompiledInTableReadsAndEveryVendorHasItsGeneralModels) {
  const auto parsed = Catalog::parse(models_toml(), "api/models.toml");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->date().size(), 10u);
  for (const Vendor& vendor : vendors())
    for (const char* role : {"smart", "fast"}) {
      const CatalogModel* model = parsed->general(vendor.name, role);
      ASSERT_TRUE(model) << vendor.name << " " << role;
      EXPECT_EQ(parsed->find(vendor.name, model->model), model);
    }
  for (const CatalogModel& model : parsed->models()) {
    EXPECT_TRUE(find_vendor(model.vendor)) << model.origin << ": " << model.vendor << " is no vendor of the table";
    if (!model.price) continue;
    EXPECT_LE(model.price->rates.cached_input, model.price->rates.input) << model.origin;
    EXPECT_EQ(Price::from_json(model.price->to_json()), model.price) << model.origin;
    if (model.price->long_over > 0) {
      EXPECT_GE(model.price->long_rates.input, model.price->rates.input) << model.origin;
    }
  }
}

constexpr std::string_view few = R"(
[[model]]
vendor = "openai"
model = "gpt-5"
input = "1.25"
cached_input = "0.125"
output = "10"
[[model]]
vendor = "openai"
model = "gpt-5-mini"
aliases = ["mini", "cheap-*"]
role = "fast"
input = "0.25"
output = "2"
[[model]]
vendor = "openai"
model = "gpt-5-5"
[[model]]
vendor = "own"
model = "*"
input = "0"
output = "0"
)";

TEST(Catalog, FindsModelsByNameSnapshotAndAliasButNotByChance) {
  const Catalog catalog = catalog_of(few);
  const auto name = [&](std::string_view vendor, std::string_view model) {
    const CatalogModel* found = catalog.find(vendor, model);
    return found ? found->model : std::string("none");
  };
  EXPECT_EQ(name("openai", "gpt-5"), "gpt-5");
  EXPECT_EQ(name("openai", "gpt-5-2025-08-07"), "gpt-5");
  EXPECT_EQ(name("openai", "gpt-5-mini-20250807"), "gpt-5-mini");
  EXPECT_EQ(name("openai", "gpt-5-latest"), "gpt-5");
  EXPECT_EQ(name("openai", "models/gpt-5"), "gpt-5");
  EXPECT_EQ(name("openai", "mini"), "gpt-5-mini");
  EXPECT_EQ(name("openai", "cheap-and-good"), "gpt-5-mini");
  EXPECT_EQ(name("openai", "gpt-5-5"), "gpt-5-5") << "a short number is another model, no snapshot";
  for (const char* other : {"gpt-5-nano", "gpt-5-4", "gpt-50", "gpt-", "GPT-5", "gpt-5-pro-2025-08-07"})
    EXPECT_EQ(name("openai", other), "none") << other;
  EXPECT_EQ(name("own", "anything/at-all"), "*");
  EXPECT_EQ(name("other", "gpt-5"), "none");
  EXPECT_EQ(catalog.general("own", "fast"), nullptr);
  ASSERT_TRUE(catalog.general("openai", "fast"));
  EXPECT_EQ(catalog.general("openai", "fast")->model, "gpt-5-mini");
  EXPECT_EQ(catalog.general("openai", "smart"), nullptr);
  EXPECT_FALSE(catalog.find("openai", "gpt-5-5")->price) << "unknown, not 0";
  EXPECT_TRUE(catalog.find("own", "x")->price->free());
}

TEST(Catalog, SaysWhatIsWrongWhereAndHowToWriteIt) {
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\ninput = 1.25\noutput = \"2\"\n"),
              testing::AllOf(HasSubstr("models.toml:4:"), HasSubstr("as a string")));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\ninput = \"-1\"\noutput = \"2\"\n"), HasSubstr("models.toml:4:"));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\ninput = \"0.1234567\"\noutput = \"2\"\n"), HasSubstr("six decimals"));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\ninput = \"1\"\n"), HasSubstr("both input and output"));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\ninptu = \"1\"\n"), HasSubstr("did you mean \"input\""));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\nrole = \"clever\"\n"), HasSubstr("must be one of smart, fast"));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\nlong_over = 5\n"), HasSubstr("long_input"));
  EXPECT_THAT(mistakes_in("[[model]]\nmodel = \"b\"\n"), HasSubstr("needs vendor and model"));
  EXPECT_THAT(mistakes_in("[[model]]\nvendor = \"a\"\nmodel = \"b\"\n[[model]]\nvendor = \"a\"\nmodel = \"b\"\n"), HasSubstr("twice"));
  EXPECT_THAT(mistakes_in("[[model]\n"), HasSubstr("models.toml:1:"));
  EXPECT_THAT(mistakes_in("modell = 1\n"), HasSubstr("models.toml:1:"));
  EXPECT_THAT(mistakes_in("x = 1\ny = 2\n"), testing::AllOf(HasSubstr("models.toml:1:"), HasSubstr("models.toml:2:"))) << "all at once";
}

TEST(Catalog, APersonsFileComesFirstAndTheRestStays) {
  const auto directory = std::filesystem::temp_directory_path() / "flotte_catalog_test";
  std::filesystem::create_directories(directory);
  const std::string path = Catalog::path_beside((directory / "flotte.toml").string());
  EXPECT_EQ(path, (directory / "models.toml").string());
  std::filesystem::remove(path);
  const auto without = Catalog::load(path);
  ASSERT_TRUE(without);
  EXPECT_EQ((*without)->models().size(), Catalog::built_in().models().size());
  std::ofstream(path) << "[[model]]\nvendor = \"openai\"\nmodel = \"gpt-*\"\nrole = \"smart\"\ninput = \"7\"\noutput = \"8\"\n"
                         "[[model]]\nvendor = \"openai\"\nmodel = \"mine\"\nrole = \"smart\"\n";
  const auto with = Catalog::load(path);
  ASSERT_TRUE(with) << with.error().message;
  EXPECT_EQ((*with)->find("openai", "gpt-6-luna")->price->rates.input, 7'000'000) << "also where the compiled-in name fits better";
  EXPECT_EQ((*with)->general("openai", "smart")->model, "mine");
  EXPECT_EQ((*with)->general("openai", "smart")->origin, "models.toml:7");
  EXPECT_EQ((*with)->general("openai", "fast")->model, Catalog::built_in().general("openai", "fast")->model);
  std::ofstream(path) << "model = 1\n";
  EXPECT_THAT(Catalog::load(path).error().message, HasSubstr("models.toml:1"));
  std::filesystem::remove_all(directory);
}

TEST(Price, IsExactOverAMillionCalls) {
  const Catalog catalog = catalog_of(few);
  const Price price = *catalog.find("openai", "gpt-5")->price;
  std::int64_t sum = 0;
  for (int i = 0; i < 1'000'000; ++i) sum += *price.cost({.input_tokens = 7, .cached_tokens = 3, .output_tokens = 1});
  // 4 * 1.25 + 3 * 0.125 + 10 = 15.375 dollars for a million of each.
  EXPECT_EQ(format_usd(sum), "15.375");
  EXPECT_EQ(format_usd(*price.cost({.input_tokens = 1, .cached_tokens = 1, .output_tokens = 0})), "0.000000125");
}

TEST(Price, CachedTokensWithoutAPriceCostAsMuchAsOthers) {
  const Catalog catalog = catalog_of(few);
  const Price price = *catalog.find("openai", "gpt-5-mini")->price;
  EXPECT_EQ(price.cost({.input_tokens = 10, .cached_tokens = 10, .output_tokens = 0}), 2'500'000);
}

TEST(Price, UsageThatWasNotToldHasNoCostAndNonsenseIsBounded) {
  const Price price{{1'000'000, 100'000, 2'000'000}, 0, {}};
  EXPECT_EQ(price.cost({}), std::nullopt);
  EXPECT_EQ(price.cost({.input_tokens = 5, .cached_tokens = -1, .output_tokens = -1}), 5'000'000);
  EXPECT_EQ(price.cost({.input_tokens = 5, .cached_tokens = 9, .output_tokens = 0}), 500'000) << "cached are a part of input";
  EXPECT_EQ(price.cost({.input_tokens = INT64_MAX, .cached_tokens = 0, .output_tokens = INT64_MAX}), INT64_MAX);
}

TEST(Price, LongCallsAreChargedWhollyByTheirOwnRates) {
  const Price price{{10, 1, 20}, 100, {50, 5, 100}};
  EXPECT_EQ(price.cost({.input_tokens = 100, .cached_tokens = 0, .output_tokens = 1}), 1'020);
  EXPECT_EQ(price.cost({.input_tokens = 101, .cached_tokens = 1, .output_tokens = 1}), 5'105);
  EXPECT_FALSE(price.free());
}

}  // namespace
}  // namespace flotte::route
