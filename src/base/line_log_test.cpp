#include "base/line_log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "base/temporary_directory.hpp"

namespace flotte {
namespace {

std::string text_of(const std::string& path) { return read_file(path, 64 * 1024 * 1024).value_or("(none)"); }

TEST(LineLog, WritesWhatIsQueuedBeforeItEnds) {
  const TemporaryDirectory directory;
  const std::string path = directory.path + "/access.log";
  {
    auto log = LineLog::open(path).value();
    log->write("one");
    log->write("two");
  }
  EXPECT_EQ(text_of(path), "one\ntwo\n");
  {
    LineLog::open(path).value()->write("three");
  }
  EXPECT_EQ(text_of(path), "one\ntwo\nthree\n") << "an old file is appended to";
}

TEST(LineLog, DropsAndCountsInsteadOfWaiting) {
  const TemporaryDirectory directory;
  const std::string path = directory.path + "/access.log";
  constexpr int lines = 200'000;
  std::uint64_t dropped = 0;
  {
    auto log = LineLog::open(path, {.queue_bytes = 256, .batch = std::chrono::milliseconds(50)}).value();
    for (int i = 0; i < lines; ++i) log->write("0123456789");
    dropped = log->dropped();
  }
  const std::string text = text_of(path);
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + dropped, static_cast<std::uint64_t>(lines));
}

TEST(LineLog, GoesOnInANewFileAfterTheOldOneWasMoved) {
  const TemporaryDirectory directory;
  const std::string path = directory.path + "/access.log", moved = directory.path + "/access.log.1";
  auto log = LineLog::open(path).value();
  log->write("old");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (text_of(path) != "old\n" && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  std::filesystem::rename(path, moved);
  log->reopen();
  while (!std::filesystem::exists(path) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  log->write("new");
  log.reset();
  EXPECT_EQ(text_of(moved), "old\n");
  EXPECT_EQ(text_of(path), "new\n");
}

TEST(LineLog, SaysWhyAFileCannotBeOpened) {
  const auto log = LineLog::open("/nonexistent/access.log");
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, Code::io);
  EXPECT_NE(log.error().message.find("/nonexistent/access.log"), std::string::npos);
}

TEST(LineLog, CountsWhatTheDiskRefuses) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  auto log = LineLog::open("/dev/full", {.queue_bytes = 4096, .batch = std::chrono::milliseconds(1)}).value();
  log->write("one");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (log->dropped() == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(log->dropped(), 1u);
}

}  // namespace
}  // namespace flotte
