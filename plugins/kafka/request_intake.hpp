// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
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
  // `handled` belongs to all listeners of the driver: what comes again may come to another of them.
  RequestIntake(std::shared_ptr<const Settings> settings, std::shared_ptr<Answers> answers,
                std::shared_ptr<SharedIds> handled)
      : settings_(std::move(settings)),
        answers_(std::move(answers)),
        handled_(std::move(handled)) {}

  // Null for a record that is for another receiver, too old, unreadable, or came before. An empty
  // `receiver` is every one's.
  std::unique_ptr<IncomingMessage> read(const rd_kafka_message_t& record,
                                        std::string_view receiver);
  // The same for what each listener gets.
  std::unique_ptr<IncomingMessage> read_fanout(const rd_kafka_message_t& record);

 private:
  std::unique_ptr<IncomingMessage> read(const rd_kafka_message_t& record, SharedIds& known);
  std::unique_ptr<IncomingMessage> decode(const rd_kafka_message_t& record, Deadline deadline,
                                          SharedIds& known);

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Answers> answers_;
  const std::shared_ptr<SharedIds> handled_;
  SharedIds fanouts_;
};

}  // namespace gantry::kafka
