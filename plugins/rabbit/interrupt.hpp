// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>

namespace gantry::rabbit {

// How a stopping thread ends what a connection's thread waits for, be it inside the client library.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  void raise() noexcept;  // asks to come to an end [any thread]
  void cut() noexcept;    // raise, and shuts the watched socket down [any thread]
  bool raised() const noexcept { return raised_.load(); }  // [any thread]
  int fd() const noexcept { return fd_; }                  // readable for ever once raised

  // While it lives, `cut` reaches this socket. It must end before the socket is closed, since the
  // number may then belong to somebody else. [owner]
  class Watch {
   public:
    Watch(Interrupt& interrupt, int socket);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

   private:
    Interrupt& interrupt_;
  };

 private:
  void watch(int socket) noexcept;

  const int fd_;
  std::atomic<bool> raised_ = false;
  std::mutex mutex_;
  int socket_ = -1;   // guarded by mutex_
  bool cut_ = false;  // guarded by mutex_
};

}  // namespace gantry::rabbit
