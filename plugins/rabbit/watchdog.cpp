// SPDX-License-Identifier: Apache-2.0
#include "watchdog.hpp"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "gantry/deadline.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;

constexpr int kLooksPerLimit = 4;

struct Progress {
  std::int64_t taken = 0;  // bytes that the peer has acknowledged since the connection began
  std::int64_t open = 0;   // written, and not acknowledged yet
};

Progress progress_of(int socket) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size);
  int open = 0;
  ::ioctl(socket, SIOCOUTQ, &open);
  return {static_cast<std::int64_t>(info.tcpi_bytes_acked), open};
}

}  // namespace

struct Watchdog::Watched : std::enable_shared_from_this<Watched> {
  Watched(int socket_, milliseconds limit_) : socket(socket_), limit(limit_) {}

  // By the timer's thread, which looks again as long as there is something to look at.
  void look(Timer& timer) {
    const std::lock_guard lock(mutex);
    if (socket < 0 || bitten) return;
    const auto [taken, open] = progress_of(socket);
    if (taken >= goal) {
      goal = taken + std::min(open, std::int64_t{kSlowest} * limit.count() / 1000);
      goal_by = Deadline::after(limit);
    }
    bitten = goal_by.expired();
    if (bitten) {
      ::shutdown(socket, SHUT_RDWR);
    } else {
      look_later(timer);
    }
  }

  void look_later(Timer& timer) {
    timer.at(Deadline::after(limit / kLooksPerLimit), [weak = weak_from_this(), &timer] {
      if (const auto self = weak.lock()) self->look(timer);
    });
  }

  std::mutex mutex{};
  int socket;  // -1 when nobody is to be bitten any more; guarded by mutex, as all below
  const milliseconds limit;
  std::int64_t goal = 0;     // how many bytes the peer has to have taken
  Deadline goal_by = never;  // until then
  bool bitten = false;
};

Watchdog::Watchdog(int socket, milliseconds limit)
    : timer_(Timer::shared()), watched_(std::make_shared<Watched>(socket, limit)) {
  watched_->look_later(*timer_);
}

Watchdog::~Watchdog() {
  const std::lock_guard lock(watched_->mutex);
  watched_->socket = -1;
}

bool Watchdog::has_bitten() const {
  const std::lock_guard lock(watched_->mutex);
  return watched_->bitten;
}

}  // namespace gantry::rabbit
