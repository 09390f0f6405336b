// SPDX-License-Identifier: Apache-2.0
#include "raw_alike.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "raw_connection.hpp"

namespace bench {

namespace {

const std::string kRequestQueue = "bench_alike";
// What a request and its reply of 200 bytes are in oslo.messaging's envelope.
constexpr std::size_t kRequestBytes = 480;
constexpr std::size_t kReplyBytes = 400;

// A connection that sends, for whichever thread is at it. Another one takes its confirms.
class Sender {
 public:
  explicit Sender(const std::string& url) : connection_(url), reader_([this] { read_confirms(); }) {
    reader_.detach();  // it ends with the process
  }

  void publish(const std::string& exchange, const std::string& key, const std::string& body,
               bool expires) {
    const std::lock_guard lock(mutex_);
    connection_.publish_alike(exchange, key, body, expires);
  }

 private:
  [[noreturn]] void read_confirms() {
    while (true) {
      pollfd socket{connection_.socket(), POLLIN, 0};
      ::poll(&socket, 1, -1);
      const std::lock_guard lock(mutex_);
      connection_.arrived();
    }
  }

  std::mutex mutex_;
  RawConnection connection_;
  std::thread reader_;
};

// From one thread to another.
class HandOver {
 public:
  void give(std::string text) {
    {
      const std::lock_guard lock(mutex_);
      text_ = std::move(text);
    }
    changed_.notify_one();
  }
  std::string take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return text_.has_value(); });
    auto text = std::move(*text_);
    text_.reset();
    return text;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> text_;
};

}  // namespace

void serve_alike(const Task& task) {
  RawConnection requests(task.url);
  requests.consume_alike(kRequestQueue);
  Sender replies(task.url);
  HandOver work;
  std::thread worker([&] {
    while (true) {
      const std::string reply_queue = work.take();
      replies.publish("", reply_queue, std::string(kReplyBytes, 'x'), false);
    }
  });
  fmt::print("ready\n");
  std::fflush(stdout);
  while (true) {
    const auto request = requests.next();
    requests.acknowledge(request);
    work.give(request.body.substr(0, request.body.find(' ')));
  }
}

void call_alike(const Task& task) {
  RawConnection replies(task.url);
  const std::string queue = replies.consume("");
  Sender requests(task.url);
  HandOver reply;
  std::thread reader([&] {
    while (true) {
      const auto delivery = replies.next();
      reply.give(delivery.body);
      replies.acknowledge(delivery);
    }
  });
  auto request = queue + ' ';
  request.resize(kRequestBytes, 'x');
  Task alone = task;
  alone.callers = 1;
  call_from_threads(alone, [&] {
    return [&] {
      requests.publish(RawConnection::kAlikeExchange, kRequestQueue, request, true);
      reply.take();
    };
  });
  std::fflush(stdout);
  std::quick_exit(EXIT_SUCCESS);  // its threads wait for ever
}

}  // namespace bench
