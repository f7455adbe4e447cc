// A database that an older flotte wrote: copied, then changed wholly or not at all.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

#include "store/detail/backup.hpp"
#include "store/detail/sqlite_connection.hpp"
#include "store/store.hpp"

namespace flotte::store {
namespace {

const Migration things{101, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"};
const Migration coloured{201, "colours", "ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'"};

class UpgradeTest : public ::testing::Test {
 protected:
  UpgradeTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "flotte-upgrade-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/flotte.db";
  }
  ~UpgradeTest() override { std::filesystem::remove_all(directory_); }

  Result<std::unique_ptr<Store>> open(std::vector<Migration> migrations) {
    Options options;
    options.path = path_;
    return Store::open(std::move(options), std::move(migrations));
  }
  /// The older flotte's, with rows in it.
  void make_old(int rows) {
    ASSERT_TRUE(open({things}));
    detail::SqliteConnection old(path_, detail::SqliteConnection::Access::write);
    old.begin_write();
    for (int i = 0; i < rows; ++i) old.script("INSERT INTO thing (name) VALUES ('" + std::string(200, 'n') + "')");
    old.commit();
  }
  static std::int64_t number(const std::string& path, std::string_view sql) {
    detail::SqliteConnection database(path, detail::SqliteConnection::Access::read);
    return database.fetch(sql, {}, 1).at(0).integer(0);
  }
  static std::string text(const std::string& path, std::string_view sql) {
    detail::SqliteConnection database(path, detail::SqliteConnection::Access::read);
    return database.fetch(sql, {}, 1).at(0).text(0);
  }
  std::size_t files_named(std::string_view part) const {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_))
      found += entry.path().filename().string().find(part) != std::string::npos;
    return found;
  }
  std::string directory_, path_;
};

TEST_F(UpgradeTest, KeepsACopyNamedWithItsVersion) {
  make_old(3000);
  const auto store = open({things, coloured});
  ASSERT_TRUE(store) << store.error().text();
  EXPECT_EQ(number(path_, "SELECT count(*) FROM thing WHERE colour = 'grey'"), 3000);
  const std::string copy = directory_ + "/flotte.version-101.db";
  EXPECT_EQ(detail::backup_path(path_, 101), copy);
  EXPECT_EQ(number(copy, "SELECT count(*) FROM thing"), 3000);
  EXPECT_EQ(number(copy, "SELECT max(number) FROM migration"), 101);
  EXPECT_EQ(text(copy, "PRAGMA integrity_check"), "ok");
  struct stat facts{};
  ASSERT_EQ(::stat(copy.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u) << "it holds what the database holds";
  EXPECT_EQ(files_named("partial"), 0u);
}

TEST_F(UpgradeTest, TheCopyIsWhatTheOlderFlotteOpens) {
  make_old(5);
  ASSERT_TRUE(open({things, coloured}));
  EXPECT_FALSE(open({things})) << "not what the newer one has changed";
  std::filesystem::rename(directory_ + "/flotte.version-101.db", path_);
  for (const char* more : {"-wal", "-shm"}) std::filesystem::remove(path_ + more);
  const auto store = open({things});
  ASSERT_TRUE(store) << store.error().text();
  EXPECT_EQ(number(path_, "SELECT count(*) FROM thing"), 5);
}

TEST_F(UpgradeTest, CopiesNothingWhereNothingChanges) {
  ASSERT_TRUE(open({things, coloured}));
  ASSERT_TRUE(open({things, coloured}));
  EXPECT_EQ(files_named("version-"), 0u) << "neither a new database nor one of the same version";
}

TEST_F(UpgradeTest, HappensWhollyOrNotAtAll) {
  make_old(10);
  const Migration broken{301, "broken", "INSERT INTO nowhere VALUES (1)"};
  EXPECT_FALSE(open({things, coloured, broken}));
  EXPECT_EQ(number(path_, "SELECT max(number) FROM migration"), 101);
  EXPECT_EQ(number(path_, "SELECT count(*) FROM pragma_table_info('thing')"), 2);
  const auto old = open({things});
  EXPECT_TRUE(old) << "the older flotte goes on with it";
}

TEST_F(UpgradeTest, ChangesNothingWhereTheCopyCannotBeMade) {
  make_old(10);
  std::filesystem::create_directory(directory_ + "/flotte.version-101.db");  // nothing can take this name
  const auto store = open({things, coloured});
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().text().find("before it is changed"), std::string::npos) << store.error().text();
  EXPECT_EQ(number(path_, "SELECT max(number) FROM migration"), 101);
  EXPECT_EQ(files_named("partial"), 0u);
}

}  // namespace
}  // namespace flotte::store
