// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frames.hpp"
#include "session.hpp"
#include "topology.hpp"

namespace gantry::rabbit {

// A listener's consumers: one a queue, with tags counted from 1 as oslo.messaging counts them. It
// remembers how far a stream was read, so that another session goes on there (wire §3.2). Belongs
// to the connection's thread.
class Consumers {
 public:
  Consumers(const std::vector<Subscribed>& bindings, const TopologySettings& settings);

  // A stream keeps nothing back for who does not consume yet, so it is consumed from the moment
  // that it is declared; a queue only when somebody wants its messages.
  void consume_streams(Session& session);
  void consume_queues(Session& session);
  void cancel(Session& session);

  // Of the first, second, … binding.
  static std::string tag_of(std::size_t number) { return std::to_string(number); }
  // The queue of a tag; empty for a foreign one.
  std::string_view queue_of(std::string_view tag) const;
  // The broker cancelled this consumer. A stream may have been deleted, and another begins anew, so
  // how far the old one was read says nothing.
  void consume_again(Session& session, std::string_view tag);

  void arrived(const Delivery& delivery);
  // How far a stream will be read when these have been handed over.
  static std::optional<std::int64_t> next_offset(std::span<const Delivery> deliveries);
  void read_on_from(std::int64_t offset) { next_offset_ = offset; }

 private:
  struct Consumer {
    std::string queue;
    std::string tag;
    bool stream = false;
    Arguments arguments;
  };

  void consume(Session& session, const Consumer& consumer);

  std::vector<Consumer> consumers_;
  std::optional<std::int64_t> next_offset_;  // of the one stream there may be
};

}  // namespace gantry::rabbit
