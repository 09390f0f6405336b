// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <string>

namespace bench {

// A connection with one channel on nothing but rabbitmq-c: the floor that a client built on it can
// reach. It does what oslo.messaging does for safety: what it publishes is mandatory and confirmed
// (confirms are taken as they come, nobody waits for one unless
// next_confirm is used), what it receives is acknowledged. Of one
// thread. Throws std::runtime_error.
class RawConnection {
 public:
  struct Delivery {
    std::uint64_t tag = 0;
    std::string reply_to{};
    std::string correlation_id{};
    std::string body{};
  };
  // That the broker has what was published: the message with this number, counted from 1, or all up
  // to it.
  struct Confirm {
    std::uint64_t number = 0;
    bool all_before = false;
  };

  explicit RawConnection(std::string url);  // rabbit://…
  RawConnection(const RawConnection&) = delete;
  ~RawConnection();

  // Declares a queue, named by the broker if `name` is empty, consumes from it and gives its name.
  std::string consume(const std::string& name);
  std::string declare();  // a queue that nobody reads, gone with the connection; gives its name
  void publish(const std::string& queue, const Delivery& message);
  Confirm next_confirm();
  Delivery next();
  void acknowledge(const Delivery& delivery);

 private:
  amqp_frame_t wait_for_frame();
  void take_header(Delivery& delivery);
  void take_body(Delivery& delivery, std::size_t size);

  amqp_connection_state_t state_;
};

}  // namespace bench
