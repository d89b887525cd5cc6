#include "bridge/app/session_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace bridge::app {
namespace {

using ::testing::HasSubstr;

std::string Write(const std::string& name, const std::string& bytes, mode_t mode) {
  const std::string path =
      ::testing::TempDir() + "session-" + std::to_string(getpid()) + "-" + name;
  std::ofstream(path, std::ios::trunc) << bytes;
  EXPECT_EQ(chmod(path.c_str(), mode), 0);
  return path;
}

TEST(SessionKeys, AreReadInTheirOrder) {
  const std::string one = Write("one", std::string(32, '1'), 0600);
  const std::string two = Write("two", std::string(32, '2'), 0400);
  const auto keys = LoadSessionKeys({one, two});
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ((*keys)[0][0], '1');
  EXPECT_EQ((*keys)[1][31], '2');
}

TEST(SessionKeys, WithoutAFileOneIsMade) {
  const auto one = LoadSessionKeys({});
  const auto other = LoadSessionKeys({});
  ASSERT_TRUE(one.ok() && other.ok());
  ASSERT_EQ(one->size(), 1u);
  EXPECT_NE(one->front(), other->front());
}

TEST(SessionKeyMode, OthersMustNotReadItNorAnyoneElseWriteIt) {
  const std::string key(32, 'k');
  for (const mode_t mode : {0400, 0600, 0440, 0640, 0700}) {
    EXPECT_TRUE(LoadSessionKeys({Write("mode", key, mode)}).ok()) << mode;
  }
  for (const mode_t mode : {0644, 0444, 0666, 0660, 0620, 0604, 0602, 0601, 0777}) {
    const std::string path = Write("mode", key, mode);
    const auto keys = LoadSessionKeys({path});
    ASSERT_FALSE(keys.ok()) << mode;
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr(path));
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr("chmod 600"));
  }
  EXPECT_THAT(std::string(LoadSessionKeys({Write("mode", key, 0644)}).status().message()),
              HasSubstr("its mode 0644 lets others read or change the key"));
  // Also the second one, and through a link, as Kubernetes mounts a Secret.
  const std::string good = Write("good", key, 0600);
  const std::string bad = Write("bad", key, 0644);
  const std::string link = ::testing::TempDir() + "session-link-" + std::to_string(getpid());
  unlink(link.c_str());
  ASSERT_EQ(symlink(bad.c_str(), link.c_str()), 0);
  EXPECT_FALSE(LoadSessionKeys({good, bad}).ok());
  EXPECT_FALSE(LoadSessionKeys({link}).ok());
}

TEST(SessionKeys, AreOfExactly32Bytes) {
  for (const size_t size : {0u, 31u, 33u, 2000u}) {
    EXPECT_FALSE(LoadSessionKeys({Write("size", std::string(size, 'k'), 0600)}).ok()) << size;
  }
  EXPECT_FALSE(LoadSessionKeys({"/no/such/file"}).ok());
}

}  // namespace
}  // namespace bridge::app
