// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <system_error>

#include "gantry/kit/wire.hpp"

namespace gantry::wire {
namespace {

using Id = std::array<unsigned char, 16>;

constinit std::atomic<unsigned> forks{0};

void count_forks_in_children() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  if (registered != 0)
    throw std::system_error(registered, std::system_category(), "pthread_atfork");
}

// Random bytes of the kernel's, fetched for several ids at once. A child of fork fetches its own,
// or it would hand out its parent's ids.
class Entropy {
 public:
  Entropy() { count_forks_in_children(); }

  Id next() {
    if (used_ == ids_.size() || fork_ != forks.load(std::memory_order_relaxed)) refill();
    return ids_[used_++];
  }

 private:
  void refill() {
    if (getentropy(ids_.data(), sizeof ids_) != 0) {
      throw std::system_error(errno, std::system_category(), "getentropy");
    }
    fork_ = forks.load(std::memory_order_relaxed);
    used_ = 0;
  }

  std::array<Id, 16> ids_{};  // as much as one getentropy gives
  std::size_t used_ = ids_.size();
  unsigned fork_ = 0;
};

Id random_id() {
  thread_local Entropy entropy;
  Id id = entropy.next();
  id[6] = static_cast<unsigned char>((id[6] & 0x0fU) | 0x40U);  // UUID version 4 …
  id[8] = static_cast<unsigned char>((id[8] & 0x3fU) | 0x80U);  // … of RFC 4122
  return id;
}

std::string hex(const Id& id, std::string_view dash) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t longest = 36;  // a UUID
  std::string text;
  text.reserve(longest);
  for (std::size_t at = 0; at < id.size(); ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10) text += dash;
    text += digits[id[at] >> 4U];
    text += digits[id[at] & 0xfU];
  }
  return text;
}

}  // namespace

std::string new_id() { return hex(random_id(), ""); }
std::string new_uuid() { return hex(random_id(), "-"); }

}  // namespace gantry::wire
