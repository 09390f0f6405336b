// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "gantry/message.hpp"

namespace gantry::rabbit {

// A message that the broker brought.
struct Delivery {
  std::string queue_tag;  // the consumer's
  std::uint64_t tag = 0;  // for its acknowledgement, on this session only
  bool redelivered = false;
  std::string content_type{};
  std::string compression{};  // the header of that name
  std::optional<std::chrono::milliseconds> expiration{};
  Headers headers{};
  std::optional<std::int64_t> stream_offset{};  // where it came from a stream
  std::string body{};
  std::uint64_t size = 0;  // as announced; above the limit the body is left out
  bool oversized = false;
  std::string headers_fault{};  // why its headers were left out, and the message is refused
};

// A mandatory message that is in no queue; its confirm follows.
struct Returned {
  std::string message_id{};
  std::string reason{};
};

// The broker's word on what was published: up to `tag`, or `tag` alone.
struct Confirm {
  std::uint64_t tag = 0;
  bool multiple = false;
  bool accepted = true;
};

// Who is told what arrives, by the thread that reads.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void on_delivery(Delivery delivery) = 0;
  virtual void on_returned(Returned returned) = 0;
  virtual void on_confirm(const Confirm& confirm) = 0;
  virtual void on_consumer_cancelled(const std::string& tag) = 0;
  virtual void on_blocked(const std::string& reason) = 0;  // publishers shall wait
  virtual void on_unblocked() = 0;
};

// Puts messages together from the frames of one channel. The library would do that too, but without
// a limit on the size that a header claims, and without the returns that come between confirms.
class Assembler {
 public:
  explicit Assembler(std::size_t max_message_bytes) : max_bytes_(max_message_bytes) {}

  // Throws ConnectionLost for a frame that does not fit.
  void feed(const amqp_frame_t& frame, FrameSink& sink);
  // Forgets what was begun: the channel was closed.
  void reset() noexcept;

 private:
  enum class Content { none, delivery, returned };

  void on_method(const amqp_method_t& method, FrameSink& sink);
  void on_header(const amqp_frame_t& frame, FrameSink& sink);
  void on_body(amqp_bytes_t fragment, FrameSink& sink);
  void finish(FrameSink& sink);

  const std::size_t max_bytes_;
  Content content_ = Content::none;
  bool has_header_ = false;
  std::uint64_t missing_ = 0;  // bytes of the body still to come
  Delivery delivery_{};
  Returned returned_{};
};

}  // namespace gantry::rabbit
