// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gantry/driver/listener.hpp"

namespace gantry::conformance {

// A listener and what it has handed over. Waiting for a message that does not come within
// `patience` fails the case.
class Subscriber {
 public:
  using Handler = std::function<void(IncomingMessage&)>;

  Subscriber(std::unique_ptr<Listener> listener, std::chrono::milliseconds patience)
      : patience_(patience), listener_(std::move(listener)) {}

  Subscriber& start();  // keeps what comes
  // Each message on the listener's thread; it is destroyed afterwards. What `act` throws is thrown
  // by await.
  Subscriber& start(Handler act);
  Subscriber& answer();  // each call, with its own arguments
  Listener& listener() noexcept { return *listener_; }
  void stop() { listener_->stop(); }

  std::unique_ptr<IncomingMessage> take();
  // The request of this number; others are dropped. Null when it has not come by the deadline.
  std::unique_ptr<IncomingMessage> take_request(int n, Deadline deadline);
  // Acknowledged: a notification that is dropped unsettled would come again.
  int take_number();
  std::vector<int> take_numbers(std::size_t count);
  std::vector<int> rest();  // what was handed over and not taken
  void await(std::size_t count);
  std::size_t received();  // in all
  std::vector<std::size_t> batch_sizes();

 private:
  void keep(Batch batch);
  void handle(const Handler& act, Batch batch) noexcept;

  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<IncomingMessage>> messages_;  // guarded by mutex_, as the next two
  std::size_t received_ = 0;
  std::vector<std::size_t> batch_sizes_;
  std::exception_ptr failure_;          // of a handler; guarded by mutex_
  std::unique_ptr<Listener> listener_;  // last: it uses the others
};

}  // namespace gantry::conformance
