// Finding files: on a directory of its own.
#include "cli/batch/collect.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace flotte::cli {
namespace {

namespace fs = std::filesystem;

class CollectFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "flotte-collect-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    before_ = fs::current_path();
    fs::current_path(root_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(root_);
  }
  static void write(const std::string& path, const std::string& text = "some text\n") {
    if (fs::path(path).has_parent_path()) fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  /// "input=relative" or "input!code" of each file.
  static std::vector<std::string> collect(const std::vector<std::string>& arguments, const std::string& results = "") {
    auto collected = collect_files(arguments, results);
    if (!collected) return {"error " + std::string(to_string(collected.error().code))};
    std::vector<std::string> out;
    for (const FoundFile& file : collected->files)
      out.push_back(file.input + (file.kind ? "=" + file.relative : "!" + std::string(to_string(file.kind.error().code))));
    if (collected->links_left_out > 0) out.push_back("links " + std::to_string(collected->links_left_out));
    return out;
  }
  using Names = std::vector<std::string>;
  fs::path root_, before_;
};

TEST_F(CollectFiles, SortsByTheBytesOfThePathAndLeavesOutWhatIsHidden) {
  write("docs/b.txt");
  write("docs/a/z.md");
  write("docs/a.txt");
  write("docs/B.txt");
  write("docs/.hidden.txt");
  write("docs/.git/config.txt");
  EXPECT_EQ(collect({"docs"}), (Names{"docs/B.txt=B.txt", "docs/a.txt=a.txt", "docs/a/z.md=a/z.md", "docs/b.txt=b.txt"}));
  EXPECT_EQ(collect({"docs/"}), (Names{"docs/B.txt=B.txt", "docs/a.txt=a.txt", "docs/a/z.md=a/z.md", "docs/b.txt=b.txt"}));
}

TEST_F(CollectFiles, PrefixesByTheBaseNameWhereThereAreSeveralArguments) {
  write("x/docs/a.txt");
  write("y/docs/a.txt");
  write("single.txt");
  EXPECT_EQ(collect({"x/docs", "y/docs", "single.txt"}),
            (Names{"x/docs/a.txt=docs/a.txt", "y/docs/a.txt=docs~2/a.txt", "single.txt=single.txt"}));
  EXPECT_EQ(collect({"x/docs/a.txt"}), (Names{"x/docs/a.txt=a.txt"}));
}

TEST_F(CollectFiles, TakesEachFileOnce) {
  write("docs/a.txt");
  EXPECT_EQ(collect({"docs", "docs/a.txt", "./docs/../docs"}), (Names{"docs/a.txt=docs/a.txt"}));
}

TEST_F(CollectFiles, SaysWhyAFileCannotBeDone) {
  write("docs/photo.png", std::string("\x89PNG\0\1", 6));
  write("docs/empty.txt", "");
  write("docs/notes", "plain text without extension");
  write("docs/noise", std::string("\0\1\2", 3));
  ASSERT_EQ(::mkfifo("docs/pipe", 0600), 0);
  EXPECT_EQ(collect({"docs"}), (Names{"docs/empty.txt!invalid_argument", "docs/noise!unsupported", "docs/notes=notes",
                                      "docs/photo.png!unsupported", "docs/pipe!unsupported"}));
  auto collected = collect_files({"docs"}, "");
  EXPECT_EQ(collected->files[3].kind.error().message, "cannot be read: it has the extension .png and is no text");
}

TEST_F(CollectFiles, FollowsNoLinkOutOfItsArgument) {
  write("outside/secret.txt");
  write("docs/a/real.txt");
  fs::create_symlink("../outside/secret.txt", "docs/out.txt");
  fs::create_directory_symlink("../outside", "docs/outdir");
  fs::create_directory_symlink("..", "docs/a/circle");
  fs::create_symlink("a/real.txt", "docs/in.txt");
  fs::create_symlink("nothing", "docs/dangling.txt");
  EXPECT_EQ(collect({"docs"}), (Names{"docs/a/real.txt=a/real.txt", "docs/dangling.txt!not_found", "docs/in.txt=in.txt", "links 3"}));
  // An argument that is a link was named by the person: it is followed.
  EXPECT_EQ(collect({"docs/out.txt"}), (Names{"docs/out.txt=out.txt"}));
}

TEST_F(CollectFiles, LeavesOutDirectoriesOfResults) {
  write("a.txt");
  write("flotte-b1/a.txt.md");
  write(std::string("flotte-b1/") + state_file_name, "{}");
  write("out/a.txt.md");
  EXPECT_EQ(collect({"."}, "out"), (Names{"./a.txt=a.txt"}));
}

TEST_F(CollectFiles, RefusesAnArgumentThatIsNotThere) { EXPECT_EQ(collect({"nowhere"}), (Names{"error not_found"})); }

TEST_F(CollectFiles, SaysWhenADirectoryOrFileMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write("docs/closed.txt");
  write("docs/closed/a.txt");
  ::chmod("docs/closed.txt", 0);
  ::chmod("docs/closed", 0);
  EXPECT_EQ(collect({"docs"}), (Names{"docs/closed!io", "docs/closed.txt!io"}));
  ::chmod("docs/closed", 0700);
}

TEST_F(CollectFiles, MakesNamesThatAreNoUtf8PrintableAndKeepsThemApart) {
  write("docs/a\xFF.txt");
  write("docs/a\xFE.txt");
  EXPECT_EQ(collect({"docs"}), (Names{"docs/a\xEF\xBF\xBD.txt=a\xEF\xBF\xBD.txt", "docs/a\xEF\xBF\xBD.txt~2=a\xEF\xBF\xBD.txt"}));
}

TEST(Classify, KnowsDocumentsByTheirExtensionAndTextByItsBytes) {
  EXPECT_EQ(classify("A.PDF", "%PDF"), FileKind::document);
  EXPECT_EQ(classify("x.markdown", "\xFF\xFE"), FileKind::document);  // in what encoding is for the reader to find out
  EXPECT_EQ(classify("prompts.jsonl", "{}"), FileKind::prompts);
  for (const char* name : {"a.docx", "a.EPUB", "a.eml", "a.mbox", "a.mht", "a.xhtml"})
    EXPECT_EQ(classify(name, "PK\x03\x04"), FileKind::document);
  EXPECT_EQ(classify("no-name", "%PDF-1.7\n\xE2\xE3"), FileKind::document);
  EXPECT_FALSE(classify("a.xlsx", "PK\x03\x04"));
  EXPECT_EQ(classify("Makefile", "all:\n\tcc\n"), FileKind::document);
  EXPECT_EQ(classify("letter",
                     "Gr\xC3\xBC\xC3\x9F"
                     "e"),
            FileKind::document);
  EXPECT_FALSE(classify("letter",
                        "Gr\xFC\xDF"
                        "e"));
  EXPECT_FALSE(classify("a.out", std::string_view("\x7F"
                                                  "ELF\0",
                                                  5)));
  // A character that the cut went through does not make a file binary.
  std::string long_text(beginning_bytes - 1, 'a');
  long_text += '\xE4';
  EXPECT_EQ(classify("long", long_text), FileKind::document);
}

}  // namespace
}  // namespace flotte::cli
