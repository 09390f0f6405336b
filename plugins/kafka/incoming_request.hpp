// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "answers.hpp"
#include "gantry/driver/incoming_message.hpp"

namespace gantry::kafka {

// A request. Its position was committed before it got here.
class IncomingRequest final : public IncomingMessage {
 public:
  // `reply_to` is there when the caller wants a reply.
  IncomingRequest(Message message, Facts facts, std::optional<ReplyAddress> reply_to,
                  std::shared_ptr<Answers> answers);

  void acknowledge() noexcept override {}
  void requeue() noexcept override {}
  void reply(Reply reply) noexcept override;
  void heartbeat() noexcept override;

 private:
  Answers::Answer answer(std::string what) const;

  const std::optional<ReplyAddress> reply_to_;
  const std::shared_ptr<Answers> answers_;
  std::atomic<bool> replied_ = false;
};

}  // namespace gantry::kafka
