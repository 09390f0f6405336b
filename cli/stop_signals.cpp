// SPDX-License-Identifier: Apache-2.0
#include "stop_signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>
#include <atomic>
#include <cstdint>

namespace gantry::cli {
namespace {

std::atomic<bool> signalled{false};

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int signal_fd() {
  const sigset_t set = stop_signals();
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Waits until one of the two is readable; whether that is `first`.
bool first_of(int first, int second) {
  std::array<pollfd, 2> both{{{first, POLLIN, 0}, {second, POLLIN, 0}}};
  while (::poll(both.data(), both.size(), -1) < 0 && errno == EINTR) {
  }
  return (both[0].revents & POLLIN) != 0;
}

bool take(int fd) {
  signalfd_siginfo signal{};
  return ::read(fd, &signal, sizeof signal) == sizeof signal;
}

}  // namespace

void StopSignals::hold() {
  const sigset_t set = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool StopSignals::received() noexcept { return signalled; }

StopSignals::StopSignals(std::function<void()> on_stop)
    : on_stop_(std::move(on_stop)),
      signals_(signal_fd(), "signalfd"),
      finished_(::eventfd(0, EFD_CLOEXEC), "eventfd"),
      watcher_([this] { watch(); }) {}

StopSignals::~StopSignals() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = ::write(finished_.get(), &one, sizeof one);
}

void StopSignals::watch() {
  if (!first_of(signals_.get(), finished_.get()) || !take(signals_.get())) return;
  signalled = true;
  // Received by this thread, the next one has its default effect.
  const sigset_t set = stop_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  on_stop_();
  first_of(finished_.get(), finished_.get());
}

}  // namespace gantry::cli
