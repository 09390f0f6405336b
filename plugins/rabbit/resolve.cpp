// SPDX-License-Identifier: Apache-2.0
#include "resolve.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <iterator>
#include <thread>
#include <utility>

#include "fault.hpp"
#include "gantry/kit/mailbox.hpp"
#include "poll_limit.hpp"

namespace gantry::rabbit {
namespace {

struct Answer {
  int error = 0;
  Addresses addresses{};
};

Answer look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  return {error, Addresses(error == 0 ? found : nullptr)};
}

}  // namespace

// Nothing ends getaddrinfo before its own time, which may be half a minute. So it has a thread that
// owns what it works on and is waited for by nobody once the deadline has come: the one thread that
// is let go, since whoever joined it would wait for the name server after all.
Addresses resolve(const std::string& host, std::uint16_t port, Deadline deadline,
                  const Interrupt& interrupt) {
  auto number = std::to_string(port);
  if (auto numeric = look_up(host, number, AI_NUMERICHOST); numeric.error == 0)
    return std::move(numeric.addresses);
  const auto answers = std::make_shared<Mailbox<Answer>>();
  std::thread([answers, host, number = std::move(number)] {
    answers->post(look_up(host, number, 0));
  }).detach();
  pollfd waits[] = {{answers->fd(), POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
  while (!deadline.expired() && !interrupt.raised()) {
    ::poll(waits, std::size(waits), poll_limit(deadline));
    for (auto& answer : answers->take()) {
      if (answer.error == 0) return std::move(answer.addresses);
      throw ConnectionLost(
          fmt::format("the name cannot be resolved: {}", ::gai_strerror(answer.error)));
    }
  }
  throw ConnectionLost("the name server has not answered in time");
}

}  // namespace gantry::rabbit
