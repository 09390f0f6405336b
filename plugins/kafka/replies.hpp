// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "answers.hpp"
#include "consumer.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "precondition.hpp"
#include "settings.hpp"
#include "topic.hpp"

namespace gantry::kafka {

// Where a driver's calls get their replies: one partition of the topic of replies, read by hand. It
// is there from the first call on. Its thread completes the calls.
class Replies final : public Precondition, private Reader {
 public:
  Replies(std::shared_ptr<const Settings> settings, std::shared_ptr<Topic> topic,
          std::shared_ptr<ReplyWaiter> waiter);
  ~Replies() override { stop(); }

  bool holds() const noexcept override { return partition_ >= 0; }
  void doubt() noexcept override {}  // it is this side's
  void establish(rd_kafka_t* client, std::chrono::milliseconds limit) override;
  void stop() { consumer_.reset(); }  // [owner]

  const std::string& client() const noexcept { return client_; }  // this driver among others
  ReplyAddress address() const;                                   // when it holds

 private:
  std::string_view purpose() const noexcept override { return "replies"; }
  void take(std::vector<Received> records) override;
  void turn() override {}
  Deadline due() const override { return never; }

  const std::shared_ptr<const Settings> settings_;
  const std::shared_ptr<Topic> topic_;
  const std::shared_ptr<ReplyWaiter> waiter_;
  const std::string client_;
  std::atomic<int> partition_ = -1;
  // Made by the first call, so that who never calls has no connections for it. The usher's thread
  // alone, and the owner once that has ended. Last: its thread uses all of the above.
  std::optional<Consumer> consumer_;
};

}  // namespace gantry::kafka
