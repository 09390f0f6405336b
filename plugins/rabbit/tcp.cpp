// SPDX-License-Identifier: Apache-2.0
#include "tcp.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "fault.hpp"
#include "poll_limit.hpp"
#include "resolve.hpp"

namespace gantry::rabbit {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

void set_option(int socket, int level, int name, int value) noexcept {
  ::setsockopt(socket, level, name, &value, sizeof value);
}

// 0 when connected, else an errno.
int wait_connected(int socket, Deadline deadline, const Interrupt& interrupt) {
  pollfd waits[] = {{socket, POLLOUT, 0}, {interrupt.fd(), POLLIN, 0}};
  while (true) {
    if (deadline.expired()) return ETIMEDOUT;
    const auto ready = ::poll(waits, std::size(waits), poll_limit(deadline));
    if (ready < 0 && errno != EINTR) return errno;
    if (waits[1].revents != 0) return ECANCELED;
    if (ready > 0 && waits[0].revents != 0) break;
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

int connect_one(const Socket& socket, const addrinfo& address, Deadline deadline,
                const Interrupt& interrupt) {
  if (::connect(socket.fd(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  return wait_connected(socket.fd(), deadline, interrupt);
}

int count(const Addresses& addresses) {
  int number = 0;
  for (const auto* each = addresses.get(); each != nullptr; each = each->ai_next) ++number;
  return number;
}

}  // namespace

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

int Socket::release() noexcept { return std::exchange(fd_, -1); }

Socket Socket::duplicate() const {
  const int other = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (other < 0) throw ConnectionLost(reason(errno));
  return Socket(other);
}

Socket connect_tcp(const std::string& host, std::uint16_t port, Deadline deadline,
                   std::chrono::milliseconds send_limit, const Interrupt& interrupt) {
  const auto addresses = resolve(host, port, deadline, interrupt);
  int error = ENOENT;
  auto untried = count(addresses);
  for (const auto* address = addresses.get(); address != nullptr; address = address->ai_next) {
    const auto share = Deadline::after(deadline.remaining() / untried--);
    Socket socket(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket.fd() < 0) {
      error = errno;
      continue;
    }
    error = connect_one(socket, *address, share, interrupt);
    if (error != 0) continue;
    set_option(socket.fd(), IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket.fd(), SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket.fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(send_limit.count()));
    return socket;
  }
  throw ConnectionLost(reason(error));
}

Cork::Cork(int socket) noexcept : socket_(socket) { set_option(socket_, IPPROTO_TCP, TCP_CORK, 1); }
Cork::~Cork() { set_option(socket_, IPPROTO_TCP, TCP_CORK, 0); }

}  // namespace gantry::rabbit
