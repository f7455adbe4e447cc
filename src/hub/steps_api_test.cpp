// Steps over HTTP: what was put out under a step is data and stays data, whoever opens it.
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::Fields;
using testing::Reply;
using testing::RunningHub;

class StepsApi : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { hub = new RunningHub; }
  static void TearDownTestSuite() { delete std::exchange(hub, nullptr); }

  /// A task with a step that somebody's run has kept as a page.
  static std::string task_with_page() {
    const std::string id = hub->post("/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","input":{"prompt":"hello"}})").text("id");
    const auto number = wire::parse_id('t', id);
    hub->run(keep_page(number.value_or(0)));
    return id;
  }
  static Awaitable<void> keep_page(std::int64_t task) {
    std::function<Result<void>(store::Transaction&)> keep = [task](store::Transaction& rows) -> Result<void> {
      rows.execute(
          "INSERT INTO step (task, number, name, fence, attempt, at, content_type, bytes, output) VALUES (?, 1, 'page', 1, 1, ?, "
          "'text/html', 33, '<script>alert(document.cookie)</script>')",
          task, rows.now());
      return {};
    };
    auto kept = co_await (*hub)->database().write<void>(std::move(keep));
    EXPECT_TRUE(kept) << kept.error().text();
  }
  static Reply put(const std::string& content_type) {
    static const std::string task =
        hub->post("/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","input":{"prompt":"x"}})").text("id");
    return hub->ask("PUT", "/fleet/v1/tasks/" + task + "/steps/one", "output", hub->admin(),
                    {{"x-flotte-fence", "1"}, {"content-type", content_type}});
  }
  static RunningHub* hub;
};
RunningHub* StepsApi::hub = nullptr;

TEST_F(StepsApi, APageThatARunHasKeptIsNoPageOfTheCockpits) {
  const Reply page = hub->get("/fleet/v1/tasks/" + task_with_page() + "/steps/page");
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(page.header("content-type"), "text/html");
  EXPECT_EQ(page.header("content-security-policy"), "sandbox; default-src 'none'") << "no script, and not the origin of the cockpit";
  EXPECT_EQ(page.header("content-disposition"), "attachment");
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
}

TEST_F(StepsApi, AContentTypeIsAShortWordOfAscii) {
  for (const std::string& type : {std::string("text/\xe4"), "text/" + std::string(200, 'x')}) {
    const Reply refused = put(type);
    EXPECT_EQ(refused.status, 400) << type;
    EXPECT_EQ(refused.error(), "invalid_argument");
  }
  EXPECT_EQ(put("text/plain; charset=utf-8").status, 409) << "nobody runs it; the type is good";
}

}  // namespace
}  // namespace flotte::hub
