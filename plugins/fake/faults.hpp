// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "delay.hpp"
#include "gantry/options.hpp"

namespace gantry::fake {

// What goes wrong on purpose in one driver (FAKE-20), as its options say:
//
//   fake://?seed=7&drop=0.1&duplicate=0.1&latency=5ms
//
// They concern what this driver sends and acknowledges, whoever is at the other end. Every kind of
// fault has a sequence of its own that follows from the seed, so the same operations by one thread
// meet the same faults, and one option does not shift what another one does.
inline constexpr OptionSpec kOptions[] = {
    {.name = "seed",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "which sequence of faults: the same for the same seed and operations"},
    {.name = "drop",
     .type = OptionType::real,
     .default_value = "0",
     .min = 0,
     .max = 1,
     .help = "how probable it is that a message, reply or heartbeat is lost after it was accepted"},
    {.name = "duplicate",
     .type = OptionType::real,
     .default_value = "0",
     .min = 0,
     .max = 1,
     .help = "how probable it is that a message, reply or heartbeat arrives twice, by the same id"},
    {.name = "reorder",
     .type = OptionType::real,
     .default_value = "0",
     .min = 0,
     .max = 1,
     .help = "how probable it is that a message overtakes the one before it in its queue"},
    {.name = "latency",
     .type = OptionType::duration,
     .default_value = "0",
     .help = "how long a message, reply or heartbeat is under way"},
    {.name = "fail_send",
     .type = OptionType::integer,
     .default_value = "0",
     .min = 0,
     .help = "so many first sends, calls and notifications fail with MessageDeliveryFailure"},
    {.name = "fail_ack",
     .type = OptionType::integer,
     .default_value = "0",
     .min = 0,
     .help = "so many first acknowledgements are lost, and their messages redelivered"},
    {.name = "disconnect",
     .type = OptionType::integer,
     .default_value = "0",
     .min = 0,
     .help =
         "each so-manieth send, call or notification ends as MessageInDoubt, half of them taken; "
         "0: none"},
    {.name = "dedup",
     .type = OptionType::boolean,
     .default_value = "true",
     .help = "whether a listener drops a message whose id it has received before"},
};

// True with a probability, by a sequence that follows from the seed and the kind of fault.
class Chance {
 public:
  Chance(double probability, std::int64_t seed, std::uint64_t kind);
  bool next();

 private:
  const double probability_;
  std::uint64_t state_;
};

// [any thread]
class Faults {
 public:
  // Null when no option asks for a fault.
  static std::shared_ptr<Faults> from(const Options& options);

  explicit Faults(const Options& options);

  // How a send, call or notification ends for the sender.
  enum class Operation { accepted, not_sent, in_doubt_but_taken, in_doubt_and_lost };
  Operation next_operation();

  struct Fate {
    bool lost = false;
    bool twice = false;
    bool overtakes = false;
  };
  Fate next_message();
  Fate next_reply();  // and heartbeats; overtakes none

  bool may_lose_acknowledgements() const { return may_lose_acknowledgements_; }
  bool loses_acknowledgement();

  Delay& line() { return line_; }

 private:
  std::mutex mutex_;
  std::int64_t sends_to_fail_;  // guarded by mutex_, as all to the next blank line
  std::int64_t acknowledgements_to_lose_;
  const std::int64_t disconnect_every_;
  std::int64_t operations_ = 0;
  Chance taken_, drop_, duplicate_, reorder_, drop_reply_, duplicate_reply_;

  const bool may_lose_acknowledgements_;
  Delay line_;
};

}  // namespace gantry::fake
