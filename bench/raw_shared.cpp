// SPDX-License-Identifier: Apache-2.0
#include "raw_shared.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "raw_connection.hpp"

namespace bench {

namespace {

struct Caller {
  std::mutex mutex{};
  std::condition_variable changed{};
  bool answered = false;  // guarded by mutex

  void tell() {
    const std::lock_guard lock(mutex);
    answered = true;
    changed.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return std::exchange(answered, false); });
  }
};

class SharedConnection {
 public:
  SharedConnection(const Task& task, std::string request_queue)
      : connection_(task.url),
        request_queue_(std::move(request_queue)),
        request_{.reply_to = connection_.consume(""), .body = std::string(task.payload, 'x')},
        callers_(task.callers),
        owner_([this] { own(); }) {
    owner_.detach();  // it ends with the process
  }

  void call(std::size_t number) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      was_empty = waiting_.empty();
      waiting_.push_back(number);
    }
    if (was_empty) ::eventfd_write(wake_, 1);
    callers_[number].wait();
  }

 private:
  [[noreturn]] void own() {
    while (true) {
      if (!connection_.has_input()) wait();
      send(take());
      answer(connection_.arrived());
    }
  }

  void wait() {
    pollfd ready[] = {{wake_, POLLIN, 0}, {connection_.socket(), POLLIN, 0}};
    ::poll(ready, std::size(ready), -1);
    eventfd_t count = 0;
    if (ready[0].revents != 0) ::eventfd_read(wake_, &count);
  }

  std::deque<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }

  void send(const std::deque<std::size_t>& numbers) {
    if (numbers.size() > 1) cork(1);
    for (const auto number : numbers) {
      request_.correlation_id = std::to_string(number);
      connection_.publish(request_queue_, request_);
    }
    if (numbers.size() > 1) cork(0);
  }

  // One acknowledgement for all that has arrived.
  void answer(const std::vector<RawConnection::Delivery>& replies) {
    for (const auto& reply : replies) callers_[std::stoul(reply.correlation_id)].tell();
    if (!replies.empty()) connection_.acknowledge(replies.back(), true);
  }

  void cork(int on) { ::setsockopt(connection_.socket(), IPPROTO_TCP, TCP_CORK, &on, sizeof on); }

  RawConnection connection_;
  const std::string request_queue_;
  RawConnection::Delivery request_;
  const int wake_ = ::eventfd(0, EFD_NONBLOCK);
  std::deque<Caller> callers_;
  std::mutex mutex_;
  std::deque<std::size_t> waiting_;  // the numbers of callers; guarded by mutex_
  std::thread owner_;
};

}  // namespace

void call_over_one_connection(const Task& task) {
  SharedConnection connection(task, "bench_raw");
  std::atomic<std::size_t> next = 0;
  call_from_threads(task,
                    [&] { return [&connection, number = next++] { connection.call(number); }; });
  std::fflush(stdout);
  std::quick_exit(EXIT_SUCCESS);
}

}  // namespace bench
