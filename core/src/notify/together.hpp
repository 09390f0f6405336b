// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "../exception_text.hpp"
#include "gantry/driver/completion.hpp"
#include "gantry/log.hpp"
#include "gantry/notify/notification.hpp"

namespace gantry {

// Runs what begins an operation and tells its end; what it throws is the end.
template <std::invocable<Completion<void>&&> Begin>
void begin_alone(Completion<void> done, Begin begin) {
  try {
    begin(std::move(done));
  } catch (...) {
    if (done) done.fail(std::current_exception());
  }
}

// Ends once all of several operations have ended: with the first error, if there was one. Further
// errors are logged.
class Together {
 public:
  Together(std::size_t count, Completion<void> done) : left_(count), done_(std::move(done)) {}

  // Runs what begins one of them, as begin_alone does.
  template <std::invocable<Completion<void>&&> Begin>
  static void begin(const std::shared_ptr<Together>& all, Begin begin) {
    begin_alone(
        Completion<void>([all](const Outcome<void>& outcome) { all->ended(outcome.error()); }),
        std::move(begin));
  }

 private:
  void ended(std::exception_ptr error) {
    bool is_last = false;
    {
      const std::lock_guard lock(mutex_);
      if (!first_error_) first_error_ = std::exchange(error, nullptr);
      is_last = --left_ == 0;
    }
    if (error) log(LogLevel::error, "a notification also failed elsewhere: " + text_of(error));
    if (!is_last) return;
    if (first_error_) {
      done_.fail(first_error_);
    } else {
      done_.succeed();
    }
  }

  std::mutex mutex_;
  std::size_t left_;                // guarded by mutex_, as the next
  std::exception_ptr first_error_;  // of whichever came first
  Completion<void> done_;           // told by the last
};

// Tells each of them the notification, which is its own then. `done` is told once all are done,
// with the first error; none is success.
template <class Range, class Tell>
void tell_each(const Range& all, Notification&& notification, Completion<void>&& done, Tell tell) {
  if (all.empty()) return done.succeed();
  if (all.size() == 1)
    return begin_alone(std::move(done), [&](Completion<void>&& one) {
      tell(all.front(), std::move(notification), std::move(one));
    });
  const auto together = std::make_shared<Together>(all.size(), std::move(done));
  for (const auto& each : all)
    Together::begin(together, [&](Completion<void>&& one) {
      tell(each, Notification(notification), std::move(one));
    });
}

}  // namespace gantry
