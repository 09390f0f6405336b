// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gantry/notify/routing.hpp"

namespace gantry::test {

// Of which driver a notification came to; several drivers share one.
class Notes {
 public:
  struct Note {
    std::string driver;
    Notification notification;
    Priority priority;
    SendOptions options;
  };

  void add(Note note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
  std::vector<Note> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(notes_, {});
  }
  std::vector<std::string> take_drivers() {
    std::vector<std::string> drivers;
    for (const auto& note : take()) drivers.push_back(note.driver);
    return drivers;
  }

 private:
  std::mutex mutex_;
  std::vector<Note> notes_;  // guarded by mutex_
};

// Notes what it gets, then does what the test says.
class NotingDriver final : public NotifyDriver {
 public:
  NotingDriver(std::string name, Notes& notes, std::function<void()> then)
      : name_(std::move(name)), notes_(notes), then_(std::move(then)) {}

  void notify(Notification notification, Priority priority, const SendOptions& options,
              Completion<void>&& done) override {
    notes_.add({name_, notification, priority, options});
    if (then_) then_();
    done.succeed();
  }

 private:
  const std::string name_;
  Notes& notes_;
  const std::function<void()> then_;
};

// Makes a noting driver of any name.
inline RoutingNotifyDriver::Factory note_to(Notes& notes, std::function<void()> then = {}) {
  return [&notes, then = std::move(then)](std::string_view name) {
    return std::make_shared<NotingDriver>(std::string(name), notes, then);
  };
}

}  // namespace gantry::test
