// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace bench {

// The floor under any call within a process: a request and its reply, handed to one server thread
// and back by mutex and condition variable, with nothing around them.
class BareExchange {
 public:
  ~BareExchange();

  std::string call(std::string request);  // [any thread]

 private:
  struct Slot {
    std::mutex mutex{};
    std::condition_variable changed{};
    std::optional<std::string> reply{};
  };
  struct Request {
    std::string text;
    Slot* caller;
  };

  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> requests_;  // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::jthread server_{[this] { serve(); }};
};

}  // namespace bench
