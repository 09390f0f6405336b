// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
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

// The two digits of each byte, all at once: an id is made for each message.
constexpr auto kHex = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte)
    table[byte] = {digits[byte >> 4U], digits[byte & 0xfU]};
  return table;
}();

// Over what is in `text` that is no dash.
std::string hex(const Id& id, std::string text) {
  std::size_t at = 0;
  for (const auto byte : id) {
    if (text[at] == '-') ++at;
    std::ranges::copy(kHex[byte], text.data() + at);
    at += 2;
  }
  return text;
}

}  // namespace

std::string new_id() { return hex(random_id(), "00000000000000000000000000000000"); }
std::string new_uuid() { return hex(random_id(), "00000000-0000-0000-0000-000000000000"); }

}  // namespace gantry::wire
