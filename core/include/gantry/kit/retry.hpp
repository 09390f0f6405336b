// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "gantry/export.hpp"

namespace gantry {

// How often something may still be tried: `retry` as in SendOptions.
class Attempts {
 public:
  explicit Attempts(int retry) : left_(retry) {}

  // After a failed attempt: whether there is another one, which is then used up.
  bool another() {
    if (left_ < 0) return true;
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  int left_;
};

// The pause before each next attempt to connect: it starts at `first`, grows by `step` up to
// `most`, and each is shortened by up to a quarter at random, so that many clients do not come back
// in one instant.
class GANTRY_API Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  struct Steps {
    Duration first{1000};
    Duration step{2000};
    Duration most{30000};
  };

  explicit Backoff(Steps steps);
  Duration next();
  void reset();

 private:
  Steps steps_;
  Duration current_;
  std::uint64_t random_;
};

}  // namespace gantry
