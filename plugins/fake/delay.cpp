// SPDX-License-Identifier: Apache-2.0
#include "delay.hpp"

#include <deque>
#include <mutex>
#include <utility>

namespace gantry::fake {

struct Delay::State : std::enable_shared_from_this<Delay::State> {
  struct UnderWay {
    Deadline due;
    Arrival arrival;
  };

  // Not owned: a callback may be the last to hold this state, and must not end its own thread.
  Timer* timer = nullptr;
  std::mutex mutex;
  std::deque<UnderWay> under_way;  // guarded by mutex, as is armed; the first is due first
  bool armed = false;              // the timer will come for the first

  void arm() {
    if (under_way.empty() || std::exchange(armed, true)) return;
    timer->at(under_way.front().due, [weak = weak_from_this()] {
      if (const auto state = weak.lock()) state->arrive();
    });
  }

  void arrive() {
    std::unique_lock lock(mutex);
    armed = false;
    while (!under_way.empty() && under_way.front().due.expired()) {
      const auto first = std::move(under_way.front());
      under_way.pop_front();
      lock.unlock();
      first.arrival();
      lock.lock();
    }
    arm();
  }
};

Delay::Delay(std::chrono::milliseconds latency)
    : latency_(latency),
      timer_(latency.count() > 0 ? Timer::shared() : nullptr),
      state_(std::make_shared<State>()) {
  state_->timer = timer_.get();
}

Delay::~Delay() {
  std::deque<State::UnderWay> left;
  {
    const std::lock_guard lock(state_->mutex);
    left.swap(state_->under_way);
  }
  for (const auto& each : left) each.arrival();
}

void Delay::send(Arrival arrival) {
  if (timer_ == nullptr) return arrival();
  const std::lock_guard lock(state_->mutex);
  state_->under_way.push_back({Deadline::after(latency_), std::move(arrival)});
  state_->arm();
}

}  // namespace gantry::fake
