// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>

#include "gantry/deadline.hpp"
#include "gantry/export.hpp"

namespace gantry {

// How a send ended: each one that was begun ends in exactly one of these.
enum class Sending : std::size_t {
  confirmed,  // a cast or notification that the backend has
  answered,   // a call that has its result
  failed,     // a call whose method failed there
  returned,   // no queue took it (MessageUndeliverable)
  rejected,   // the backend did not take it (MessageDeliveryFailure, TransportDriverError)
  in_doubt,   // MessageInDoubt
  expired,    // MessagingTimeout
  closed,     // the transport was closed meanwhile, or the caller cancelled
  refused,    // never sent: an argument, or a value that cannot be encoded
};
inline constexpr std::size_t kSendings = 9;

// How a message that was received ended.
enum class Receipt : std::size_t {
  answered,  // a call whose result was sent back
  failed,    // a call that was answered with a failure
  handled,   // a cast, or a notification that was acknowledged
  requeued,  // a notification that was given back
  expired,   // a request whose caller had given up: it did not run
  dropped,   // accepted, and neither handled nor given back
};
inline constexpr std::size_t kReceipts = 6;

// What went wrong beside the operations: it is in neither balance, and a driver counts it.
enum class Mishap : std::size_t {
  unreadable,  // a message that could not be read, and was rejected
  repeated,    // a message that came again, and was not handled again
  late_reply,  // a reply that nobody waited for any more
  lost_reply,  // a reply that could not be delivered: the caller's queue is gone or not its own
};
inline constexpr std::size_t kMishaps = 4;

GANTRY_API std::string_view to_string(Sending end) noexcept;
GANTRY_API std::string_view to_string(Receipt end) noexcept;
GANTRY_API std::string_view to_string(Mishap mishap) noexcept;

// What a transport did, in numbers that balance: what was begun is under way or has ended in one of
// the states above. [any thread]
class GANTRY_API Ledger {
 public:
  struct Counts {
    std::uint64_t sent = 0;  // begun
    std::array<std::uint64_t, kSendings> sendings{};
    std::uint64_t received = 0;
    std::array<std::uint64_t, kReceipts> receipts{};
    std::array<std::uint64_t, kMishaps> mishaps{};

    std::uint64_t of(Sending end) const { return sendings[static_cast<std::size_t>(end)]; }
    std::uint64_t of(Receipt end) const { return receipts[static_cast<std::size_t>(end)]; }
    std::uint64_t of(Mishap mishap) const { return mishaps[static_cast<std::size_t>(mishap)]; }
    std::uint64_t sends_under_way() const;
    std::uint64_t receipts_under_way() const;
    // "sent 3: 2 confirmed, 1 returned; received 1: 1 handled; mishaps 1: 1 unreadable"
    std::string str() const;
  };

  // Ends are read before beginnings, so that no end is seen without its beginning.
  Counts counts() const noexcept;

  void begin() noexcept { add(sent_); }
  void count(Sending end) noexcept { add(sendings_[static_cast<std::size_t>(end)]); }
  void receive() noexcept { add(received_); }
  void count(Receipt end, std::uint64_t times = 1) noexcept {
    add(receipts_[static_cast<std::size_t>(end)], times);
  }
  void count(Mishap mishap) noexcept { add(mishaps_[static_cast<std::size_t>(mishap)]); }

  // Logs a warning about a mishap, which peers can bring about as often as they like: of each kind
  // ten a minute. The next one tells how many were left out.
  void warn(Mishap mishap, std::string_view text);

 private:
  struct Lines {
    Deadline minute{Clock::time_point::min()};  // when it is over
    int written = 0;
    std::uint64_t left_out = 0;
  };
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter, std::uint64_t times = 1) noexcept {
    counter.fetch_add(times, std::memory_order_acq_rel);
  }

  Counter sent_ = 0;
  std::array<Counter, kSendings> sendings_{};
  Counter received_ = 0;
  std::array<Counter, kReceipts> receipts_{};
  std::array<Counter, kMishaps> mishaps_{};
  std::mutex mutex_;
  std::array<Lines, kMishaps> lines_{};  // guarded by mutex_
};

// The end that an error means; of no error it is not asked.
GANTRY_API Sending sending_ended_by(const std::exception_ptr& error) noexcept;

}  // namespace gantry
