// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "rabbit_fixture.hpp"

// Hosts are looked up within the limits of everything else, whatever the name server does.
namespace gantry::test {
namespace {

using namespace std::chrono_literals;

using testing::HasSubstr;

constexpr std::string_view kUnknown = "unknown.test";
constexpr std::string_view kSilent = "silent.test";
constexpr std::string_view kTwoAddresses = "two.test";  // the first of which swallows packets

// What the threads that look names up see of a Silence; they may outlive the test, so it is never
// destroyed.
struct NameServer {
  std::mutex mutex{};
  std::condition_variable changed{};
  bool silent = false;

  static NameServer& shared() {
    static auto& it = *new NameServer;
    return it;
  }
  void set(bool value) {
    const std::lock_guard lock(mutex);
    silent = value;
    changed.notify_all();
  }
  void await() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !silent; });
  }
};

// The name server is silent while this lives.
struct Silence {
  Silence() { NameServer::shared().set(true); }
  Silence(const Silence&) = delete;
  ~Silence() { NameServer::shared().set(false); }
};

// A port that answers no further attempt to connect, since its queue is full.
class Swallower {
 public:
  static constexpr const char* kAddress = "127.0.0.2";

  explicit Swallower(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, kAddress, &address.sin_addr);
    auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(::bind(listening_, generic, sizeof address), 0);
    EXPECT_EQ(::listen(listening_, 0), 0);
    EXPECT_EQ(::connect(filling_, generic, sizeof address), 0);
  }
  Swallower(const Swallower&) = delete;
  ~Swallower() {
    ::close(filling_);
    ::close(listening_);
  }

 private:
  const int listening_ = ::socket(AF_INET, SOCK_STREAM, 0);
  const int filling_ = ::socket(AF_INET, SOCK_STREAM, 0);
};

const Message kMessage{.body = body_of("m")};

struct RabbitNamesTest : RabbitTest {
  static Transport open_host(std::string_view host) {
    return open_rabbit("rabbit://" + std::string(host) + "/");
  }
  std::string address() const { return url().substr(url().find('@') + 1); }
};

TEST_F(RabbitNamesTest, ANameThatNobodyHasIsToldWithTheHost) {
  auto transport = open_host(kUnknown);
  const auto cast = [&] { transport.send(at_topic, kMessage, {.retry = 0}); };
  EXPECT_THAT(message_of<MessageDeliveryFailure>(cast),
              testing::AllOf(HasSubstr(kUnknown), HasSubstr("cannot be resolved")));
}

TEST_F(RabbitNamesTest, ASilentNameServerEndsAnAttemptWithItsLimit) {
  const Silence silence;
  auto transport = open_host(kSilent);
  const auto cast = [&] { transport.send(at_topic, kMessage, {.retry = 0}); };
  EXPECT_THAT(message_of<MessageDeliveryFailure>(cast),
              testing::AllOf(HasSubstr(kSilent), HasSubstr("name server")));
}

TEST_F(RabbitNamesTest, ClosingEndsTheWaitForASilentNameServer) {
  const Silence silence;
  auto transport = open_host(kSilent);
  auto call = call_async(transport, at_topic, kMessage, {});
  transport.close();
  EXPECT_THROW(call.get().get(), TransportClosed);
}

TEST_F(RabbitNamesTest, AHostWhoseNameServerIsSilentIsPassedOver) {
  const Silence silence;
  for (int i = 0; i < 4; ++i) {  // the list is shuffled
    auto transport = open_rabbit("rabbit://" + std::string(kSilent) + "," + address());
    EXPECT_NO_THROW(transport.send({.topic = topic, .fanout = true}, kMessage, {.retry = 0}));
  }
}

// Each of its addresses gets a part of the time.
TEST_F(RabbitNamesTest, R13_AnAddressThatSwallowsPacketsIsPassedOver) {
  const auto port = address().substr(address().find(':') + 1, address().find('/'));
  const Swallower swallower(static_cast<std::uint16_t>(std::stoi(port)));
  auto transport =
      open_rabbit("rabbit://" + std::string(kTwoAddresses) + address().substr(address().find(':')));
  EXPECT_NO_THROW(transport.send({.topic = topic, .fanout = true}, kMessage, {.retry = 0}));
}

}  // namespace

// In place of the C library's, for the whole program.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  const bool by_name = hints == nullptr || (hints->ai_flags & AI_NUMERICHOST) == 0;
  if (by_name && host == kSilent) NameServer::shared().await();
  if (by_name && (host == kSilent || host == kUnknown)) return EAI_NONAME;
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (by_name && host == kTwoAddresses) {
    addrinfo numeric{};
    numeric.ai_flags = AI_NUMERICHOST;
    numeric.ai_socktype = SOCK_STREAM;
    const auto error = real(Swallower::kAddress, service, &numeric, found);
    return error != 0 ? error : real("127.0.0.1", service, &numeric, &(*found)->ai_next);
  }
  return real(host, service, hints, found);
}

}  // namespace gantry::test
