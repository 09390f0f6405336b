// SPDX-License-Identifier: Apache-2.0
#include "interrupt.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace gantry::rabbit {

Interrupt::Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Interrupt::~Interrupt() { ::close(fd_); }

void Interrupt::raise() noexcept {
  raised_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = ::write(fd_, &one, sizeof one);
}

void Interrupt::cut() noexcept {
  raise();
  const std::lock_guard lock(mutex_);
  cut_ = true;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Interrupt::watch(int socket) noexcept {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
  if (cut_ && socket >= 0) ::shutdown(socket, SHUT_RDWR);
}

Interrupt::Watch::Watch(Interrupt& interrupt, int socket) : interrupt_(interrupt) {
  interrupt.watch(socket);
}

Interrupt::Watch::~Watch() { interrupt_.watch(-1); }

}  // namespace gantry::rabbit
