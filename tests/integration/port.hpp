// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace gantry::test {

// A port of this machine, bound by us.
class Port {
 public:
  enum class Manner { closed, silent };  // nobody listens; it takes connections and says nothing

  explicit Port(Manner manner) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, generic, size), 0);
    EXPECT_EQ(::getsockname(fd_, generic, &size), 0);
    if (manner == Manner::silent) fall_silent();
    number_ = ntohs(address.sin_port);
  }
  Port(const Port&) = delete;
  ~Port() { ::close(fd_); }

  // What was closed takes connections now.
  void fall_silent() { ::listen(fd_, 16); }

  // Whether somebody has knocked.
  bool has_a_visitor() const {
    pollfd waiting{fd_, POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 1 && (waiting.revents & POLLIN) != 0;
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(number_); }
  std::string url() const { return "rabbit://user:s3cret@" + host() + "/"; }

 private:
  const int fd_;
  int number_ = 0;
};

}  // namespace gantry::test
