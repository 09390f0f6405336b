// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "answers.hpp"
#include "gantry/driver/incoming_message.hpp"

namespace gantry::rabbit {

// A request. It was acknowledged before it got here.
class IncomingRequest final : public IncomingMessage {
 public:
  IncomingRequest(Message message, Facts facts, std::string reply_queue,
                  std::shared_ptr<Answers> answers);

  void acknowledge() noexcept override {}
  void requeue() noexcept override {}
  void reply(Reply reply) noexcept override;
  void heartbeat() noexcept override;

 private:
  Answers::Answer answer(std::string what) const;

  const std::string reply_queue_;
  const std::shared_ptr<Answers> answers_;
  std::atomic<bool> replied_ = false;
};

}  // namespace gantry::rabbit
