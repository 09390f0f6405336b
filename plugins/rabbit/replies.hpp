// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connection.hpp"
#include "gantry/kit/reply_waiter.hpp"
#include "publish.hpp"
#include "senders.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

// The driver's reply queue and the connection that consumes from it. Made at the first call; the
// queue keeps its name when the connection is replaced. Its thread completes the calls.
class Replies final : public Role {
 public:
  // `suffix` tells the queue from those of other drivers.
  Replies(const Settings& settings, Senders& senders, ReplyWaiter& waiter,
          const std::string& suffix);
  ~Replies() override;

  const std::string& queue() const noexcept { return subscription_.queue.name; }  // [any thread]

  // Publishes the request of a call once replies can arrive. [any thread]
  void submit(const PublishPtr& request);
  void stop() { connection_.stop(); }

  std::string_view purpose() const noexcept override { return "replies"; }
  bool wants_session() const override { return wanted_; }
  void opened(Session& session) override;
  void turn(Session& session) override;
  void attempt_failed(const std::exception_ptr& error, bool final) override;
  void lost(const std::exception_ptr&) override {}
  void closing(Session&) override {}
  void closed() override;
  void on_delivery(Delivery delivery) override;
  void on_consumer_cancelled(const std::string&) override { queue_gone_ = true; }

 private:
  void want();
  void subscribe(Session& session);
  void restore(Session& session);

  const Settings& settings_;
  Senders& senders_;
  ReplyWaiter& waiter_;
  const Subscribed subscription_;

  std::mutex mutex_;
  bool ready_ = false;                   // guarded by mutex_, as the next
  std::vector<PublishPtr> held_back_{};  // requests that wait for that
  std::exception_ptr last_failure_{};    // of an attempt to connect, while another follows

  // The connection's thread alone:
  bool wanted_ = false;
  bool queue_gone_ = false;         // on a session that stands
  std::uint64_t last_good_ = 0;     // the newest delivery to acknowledge; 0: none
  std::vector<std::uint64_t> bad_;  // deliveries to reject

  Connection connection_;  // last: its thread uses all of the above
};

}  // namespace gantry::rabbit
