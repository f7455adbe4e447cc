// Every sample document of the project can be read, whatever its language and format.
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "work/document/reader.hpp"
#include "work/testing.hpp"
#include "work/text/tokens.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

namespace fs = std::filesystem;

TEST(Samples, CanAllBeRead) {
  const fs::path samples = fs::path(__FILE__).parent_path() / "../../../samples";
  asio::io_context loop;
  BlockingPool pool("samples", 1);
  DocumentReader reader(pool);
  int count = 0;
  for (const auto& file : fs::recursive_directory_iterator(samples)) {
    if (!file.is_regular_file()) continue;
    ++count;
    const auto read = testing::wait(loop, reader.read(file.path().filename().string(), read_file(file.path().string()).value()));
    ASSERT_TRUE(read) << file.path() << ": " << read.error().text();
    const std::string* text = &read->text;
    EXPECT_TRUE(read->notes.empty()) << file.path() << ": " << read->notes.front();
    EXPECT_GT(estimate_tokens(*text), 200) << file.path();
    EXPECT_FALSE(find_bad_utf8(*text)) << file.path();
    EXPECT_EQ(text->find("<div"), std::string::npos) << file.path();
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace flotte::work
