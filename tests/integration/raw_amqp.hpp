// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::test {

// A peer that says what it likes: one connection on nothing but rabbitmq-c, for one thread. Throws
// std::runtime_error.
class RawAmqp {
 public:
  struct Message {
    std::string body{};
    std::string content_type{};
    std::string message_id{};
    std::string expiration{};
    std::size_t headers = 0;
    std::string compression{};  // the header of that name
    int delivery_mode = 0;
    int priority = -1;
  };

  explicit RawAmqp(std::string url);  // rabbit://…
  RawAmqp(const RawAmqp&) = delete;
  ~RawAmqp();

  void declare_exchange(const std::string& name, const char* type, bool durable);
  void declare_queue(const std::string& name);
  void bind(const std::string& queue, const std::string& exchange, const std::string& key);
  void delete_queue(const std::string& name);
  bool has_queue(const std::string& name);

  void publish(std::string_view exchange, std::string_view key, std::string_view body,
               const char* content_type = "application/json", const std::string& compression = {});
  void consume(const std::string& queue);  // acknowledged by being sent
  std::optional<Message> next(std::chrono::seconds patience);

 private:
  void check(std::string_view doing);

  amqp_connection_state_t state_;
};

}  // namespace gantry::test
