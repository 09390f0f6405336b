// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gantry/deadline.hpp"
#include "gantry/kit/timer.hpp"
#include "producer.hpp"
#include "settings.hpp"
#include "topic.hpp"

namespace gantry::kafka {

// Where a caller reads its replies: "gantry.reply/3/<client>".
struct ReplyAddress {
  std::string topic;
  std::int32_t partition = 0;
  std::string client;

  std::string str() const;
  // Throws SerializationError for a text that is none, or names another topic than `topic`: a
  // request must not make a server write elsewhere.
  static ReplyAddress parse(std::string_view text, std::string_view topic);
};

// Sends replies and heartbeats. Shared with the messages that may still be answered. For any
// thread.
class Answers {
 public:
  struct Answer {
    ReplyAddress to{};
    std::string correlation{};
    std::string body{};
    std::string unique_id{};
    std::string what{};         // "the reply to <message id>", for the log
    Deadline deadline = never;  // the caller's, as far as it is known
    bool counts = true;         // as lost, when it is; a heartbeat does not
  };

  Answers(std::shared_ptr<const Settings> settings, std::shared_ptr<Producer> producer,
          std::shared_ptr<Topic> topic, std::shared_ptr<Timer> timer);

  bool can_carry(const Answer& answer) const noexcept;  // it is not too long
  void send(Answer answer);

 private:
  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Producer> producer_;
  const std::shared_ptr<Topic> topic_;
  const std::shared_ptr<Timer> timer_;
};

}  // namespace gantry::kafka
