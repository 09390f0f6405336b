// SPDX-License-Identifier: Apache-2.0
// notify_many URL TOPIC COUNT [FIRST [PUBLISHER]]: sends COUNT notifications whose payloads are
// numbered from FIRST, many at once. Prints `sent COUNT` when the broker has all of them; fails
// when it does not.
#include <condition_variable>
#include <cstdint>
#include <iostream>
#include <mutex>
#include <string>

#include "gantry/host/driver_manager.hpp"
#include "gantry/notify/notifier.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMostUnderWay = 500;

// Counts the sends under way.
class Window {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ < kMostUnderWay; });
    ++under_way_;
  }
  void leave(const std::exception_ptr& error) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    if (error && !first_error_) first_error_ = error;
    changed_.notify_all();
  }
  void finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
    if (first_error_) std::rethrow_exception(first_error_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t under_way_ = 0;  // guarded by mutex_, as the next
  std::exception_ptr first_error_;
};

void send(const std::string& url, const std::string& topic, std::uint64_t first,
          std::uint64_t count, const std::string& publisher) {
  gantry::DriverManager drivers;
  auto bus = drivers.open(gantry::TransportConfig{.url = url});
  const gantry::Notifier notifier(bus,
                                  {.publisher_id = publisher, .topics = {topic}, .timeout = 60s});
  Window window;
  for (auto n = first; n < first + count; ++n) {
    window.enter();
    notifier.notify_async(gantry::Priority::info, "interop.counted", {{"n", n}}, {},
                          gantry::Completion<void>([&window](gantry::Outcome<void> outcome) {
                            window.leave(outcome.error());
                          }));
  }
  window.finish();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4)
    throw std::invalid_argument("usage: notify_many URL TOPIC COUNT [FIRST [PUBLISHER]]");
  const auto count = std::stoull(argv[3]);
  send(argv[1], argv[2], argc > 4 ? std::stoull(argv[4]) : 0, count, argc > 5 ? argv[5] : "gantry");
  std::cout << "sent " << count << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << '\n';
  return 1;
}
