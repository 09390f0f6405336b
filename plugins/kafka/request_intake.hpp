// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "answers.hpp"
#include "consumer.hpp"
#include "gantry/driver/incoming_message.hpp"
#include "gantry/kit/dedup.hpp"
#include "settings.hpp"

namespace gantry::kafka {

// Turns records into requests; shared by the readers of one listener. For any thread.
class RequestIntake {
 public:
  RequestIntake(std::shared_ptr<const Settings> settings, std::shared_ptr<Answers> answers)
      : settings_(std::move(settings)), answers_(std::move(answers)) {}

  // Null for a record that is for another receiver, too old, unreadable, or came before. An empty
  // `receiver` is every one's.
  std::unique_ptr<IncomingMessage> read(const rd_kafka_message_t& record,
                                        std::string_view receiver);

 private:
  std::unique_ptr<IncomingMessage> decode(const rd_kafka_message_t& record, Deadline deadline);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Answers> answers_;
  std::mutex mutex_;
  RecentIds recent_;  // guarded by mutex_
};

}  // namespace gantry::kafka
