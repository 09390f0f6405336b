// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

namespace gantry {

// Letters for the one thread that owns something, a connection say. The owner waits on `fd()`
// together with its sockets; the descriptor is poked only when the mailbox was empty, so a burst
// costs one system call.
template <class Letter>
class Mailbox {
 public:
  Mailbox() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() { ::close(fd_); }

  // False, and the letter is untouched, when the mailbox was closed. [any thread]
  bool post(Letter& letter) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return false;
      was_empty = letters_.empty();
      letters_.push_back(std::move(letter));
    }
    if (was_empty) poke();
    return true;
  }
  bool post(Letter&& letter) { return post(letter); }

  // All letters, oldest first. [owner]
  std::vector<Letter> take() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto ignored = ::read(fd_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
  }

  // Whether every letter was taken. [any thread]
  bool empty() const {
    const std::lock_guard lock(mutex_);
    return letters_.empty();
  }

  // No letter is accepted from now on; what was accepted can still be taken. [any thread]
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    poke();
  }

  // Readable when there may be letters, and after close. [owner]
  int fd() const noexcept { return fd_; }

  // Wakes the owner without a letter. [any thread]
  void poke() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto ignored = ::write(fd_, &one, sizeof one);
  }

 private:
  const int fd_;
  mutable std::mutex mutex_;
  std::vector<Letter> letters_;  // guarded by mutex_
  bool closed_ = false;          // guarded by mutex_
};

}  // namespace gantry
