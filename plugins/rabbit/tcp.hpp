// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "gantry/deadline.hpp"
#include "interrupt.hpp"

namespace gantry::rabbit {

// A socket, closed by its destructor unless it was given away.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.release()) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  int fd() const noexcept { return fd_; }
  int release() noexcept;
  Socket duplicate() const;  // another descriptor of the same connection; throws ConnectionLost

 private:
  int fd_;
};

// A non-blocking connection to the first address of `host` that answers; each of them has its share
// of the time, so that a silent one leaves some to the next. `send_limit`: how long written data
// may stay unacknowledged before the kernel gives the connection up, so that a write to a silent
// peer ends. Throws ConnectionLost: nobody answers by `deadline`, the name server included, or the
// interrupt was raised.
Socket connect_tcp(const std::string& host, std::uint16_t port, Deadline deadline,
                   std::chrono::milliseconds send_limit, const Interrupt& interrupt);

// Holds back incomplete packets while it lives, so that the frames of one batch leave together.
class Cork {
 public:
  explicit Cork(int socket) noexcept;
  Cork(const Cork&) = delete;
  Cork& operator=(const Cork&) = delete;
  ~Cork();

 private:
  const int socket_;
};

}  // namespace gantry::rabbit
