// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <string>
#include <vector>

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
  std::vector<Delivery> arrived();  // those that are here, without waiting for a first one
  bool has_input() const;           // something was read, and waits in the library's buffers

  // As gantry does it: its properties, and requests through a topic exchange.
  static const std::string kAlikeExchange;
  void publish_alike(const std::string& exchange, const std::string& key, const std::string& body,
                     bool expires);
  void consume_alike(const std::string& name);

  // As many unacknowledged deliveries at most.
  void set_prefetch(std::uint16_t count);
  std::string fill(std::size_t count, const std::string& body);  // gives the name of the queue
  void consume_filled(const std::string& queue);
  int socket() const { return amqp_get_sockfd(state_); }
  void acknowledge(const Delivery& delivery, bool all_before = false);

 private:
  amqp_frame_t wait_for_frame();
  void take_header(Delivery& delivery);
  void take_body(Delivery& delivery, std::size_t size);

  amqp_connection_state_t state_;
};

}  // namespace bench
