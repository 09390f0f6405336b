// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "gantry/error.hpp"
#include "inbox.hpp"
#include "queue_names.hpp"
#include "rabbit_fixture.hpp"
#include "raw_amqp.hpp"

// Numbered names of fanout and reply queues (wire §3.3).
namespace gantry::test {
namespace {

using namespace std::chrono_literals;

class RabbitQueueNamesTest : public RabbitTest {
 protected:
  RabbitQueueNamesTest() { std::filesystem::create_directory(locks); }
  ~RabbitQueueNamesTest() override {
    std::filesystem::remove(counter);
    std::filesystem::remove_all(locks);
  }
  // Without a broker, too.
  void SetUp() override {}

  std::string next() const { return rabbit::queue_name_suffix(naming, Deadline::after(kPatience)); }
  std::string name(int number) const { return fmt::format("{}:p:{}", host, number); }
  std::string content() const {
    std::ifstream file(counter);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(std::string_view text) const { std::ofstream(counter) << text; }
  std::string options() const {
    return "use_queue_manager=true&processname=p&hostname=" + host +
           "&queue_manager_lock_path=" + locks.string();
  }

  const std::string host = "h-" + topic;
  const std::filesystem::path locks = std::filesystem::temp_directory_path() / ("locks-" + host);
  const std::filesystem::path counter = "/dev/shm/" + host + "_p_qmanager";
  const rabbit::QueueNaming naming{
      .numbered = true, .host = host, .process = "p", .lock_directory = locks};
};

TEST_F(RabbitQueueNamesTest, WIRE_3_NumbersAreCountedInOslosFile) {
  EXPECT_EQ(next(), name(1));
  EXPECT_EQ(next(), name(2));
  std::ifstream stat(fmt::format("/proc/{}/stat", ::getpgrp()));
  const std::vector<std::string> words{std::istream_iterator<std::string>(stat), {}};
  EXPECT_EQ(content(), fmt::format("{}:2:{}", ::getpgrp(), words.at(21)));
}

TEST_F(RabbitQueueNamesTest, WIRE_3_AnotherRunOfTheServiceCountsFromOne) {
  next();
  const auto ours = content();
  const auto start = ours.substr(ours.rfind(':') + 1);
  put(fmt::format("{}:41:{}", ::getpgrp(), start));
  EXPECT_EQ(next(), name(42));
  put(fmt::format("{}:41:{}1", ::getpgrp(), start));
  EXPECT_EQ(next(), name(1));
  put(fmt::format("{}:41:{}", ::getpgrp() + 1, start));
  EXPECT_EQ(next(), name(1));
}

TEST_F(RabbitQueueNamesTest, WIRE_3_ABrokenCounterBeginsAnew) {
  for (const auto* text : {"", "garbage", "1:2", "a:b:c", "1:2:3:4", "::"}) {
    put(text);
    EXPECT_EQ(next(), name(1)) << text;
  }
}

TEST_F(RabbitQueueNamesTest, WIRE_3_NoTwoThreadsGetTheSameNumber) {
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([this] {
        for (int n = 0; n < kEach; ++n) next();
      });
  }
  EXPECT_EQ(next(), name(kThreads * kEach + 1));
}

TEST_F(RabbitQueueNamesTest, WIRE_3_ALockThatIsNeverFreeIsATimeoutThatNamesIt) {
  const auto lock = locks / ("oslo_read_shm_" + host + "_p");
  const int held = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(held, F_SETLK, &whole), 0);  // as Python takes it
  try {
    rabbit::queue_name_suffix(naming, Deadline::after(50ms));
    ADD_FAILURE() << "the lock was not respected";
  } catch (const MessagingTimeout& error) {
    EXPECT_NE(std::string_view(error.what()).find(lock.string()), std::string_view::npos);
  }
  ::close(held);
  EXPECT_EQ(next(), name(1));
}

TEST_F(RabbitQueueNamesTest, WIRE_3_ACounterThatIsALinkIsNotFollowed) {
  const auto target = locks / "target";
  std::ofstream(target) << "untouched";
  std::filesystem::create_symlink(target, counter);
  EXPECT_THROW(next(), TransportDriverError);
  std::ifstream file(target);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "untouched");
}

TEST_F(RabbitQueueNamesTest, WIRE_3_QueuesHaveThoseNamesAndOutliveTheTransport) {
  if (url().empty()) GTEST_SKIP() << "no broker";
  {
    auto transport = open(options());
    const EchoServer server(transport, server_target);
    transport.call(at_topic, {.body = body_of("m")},
                   {{.deadline = Deadline::after(kPatience)}, {}});
  }
  RawAmqp peer(url());
  EXPECT_TRUE(peer.has_queue(topic + "_fanout_" + name(1)));
  EXPECT_TRUE(peer.has_queue("reply_" + name(2)));
}

TEST_F(RabbitQueueNamesTest, WIRE_3_PartsOfANameThatMakeNoFileAreRefused) {
  for (const auto* part : {"a%2Fb", "..%2F..", "a%20b", "a%0Ab"}) {
    const auto with = [&](const std::string& options) {
      open_rabbit("rabbit://localhost/?use_queue_manager=true&" + options);
    };
    EXPECT_THROW(with(std::string("hostname=") + part), ConfigurationError) << part;
    EXPECT_THROW(with(std::string("processname=") + part), ConfigurationError) << part;
  }
}

}  // namespace
}  // namespace gantry::test
