// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connection.hpp"
#include "consumers.hpp"
#include "gantry/driver/listener.hpp"
#include "intake.hpp"
#include "settings.hpp"
#include "topology.hpp"

namespace gantry::rabbit {

// What a listener subscribes to.
struct Subscriptions {
  std::string what;                       // for logs and errors
  std::vector<Subscribed> bindings{};     // declared, all of them, in this order
  std::vector<std::string> own_queues{};  // nobody else's: deleted on a clean close
};

// A listening connection. Its thread calls OnBatch itself, so a message that arrives reaches the
// application without another hop. While it is paused it keeps deliveries unacknowledged: the
// prefetch count, where one is set, then stops the broker.
class ConsumingListener final : public Listener, private Role {
 public:
  ConsumingListener(std::shared_ptr<const Settings> settings, Subscriptions subscriptions,
                    std::unique_ptr<Intake> intake, const BatchOptions& batch);
  ~ConsumingListener() override;

  // Returns once everything is declared. Throws what the broker said, MessagingTimeout.
  void wait_subscribed(Deadline deadline);

  void start(OnBatch on_batch) override;
  void pause() noexcept override { paused_ = true; }
  void resume() noexcept override;
  void stop() override;

  // Runs `letter` on the connection's thread; false when it has ended. [any thread]
  bool post(Connection::Letter letter) { return connection_.post(std::move(letter)); }

 private:
  std::string_view purpose() const noexcept override { return subscriptions_.what; }
  bool wants_session() const override { return !stopped_ && !refused_; }
  void opened(Session& session) override;
  void turn(Session& session) override;
  Deadline due() const override { return std::min(batch_due_, intake_->due()); }
  void attempt_failed(const std::exception_ptr& error, bool final) override;
  void lost(const std::exception_ptr& error) override;
  void channel_closed(Session& session, const ChannelClosed& closed) override;
  void closing(Session& session) override;
  void closed() override;
  void on_delivery(Delivery delivery) override;

  void on_consumer_cancelled(const std::string& tag) override { cancelled_.push_back(tag); }

  void restore(Session& session);
  void restore(Session& session, const std::string& tag);
  void hand_over_held(Session& session);
  void collect(std::unique_ptr<IncomingMessage> message);
  void emit();
  void finish_stop(Session* session);

  const std::shared_ptr<const Settings> settings_;
  const Subscriptions subscriptions_;
  const std::unique_ptr<Intake> intake_;
  const BatchOptions batch_options_;
  std::atomic<bool> paused_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool subscribed_ = false;     // guarded by mutex_, as the next two
  bool drained_ = false;        // no OnBatch call follows
  std::exception_ptr failure_;  // of the latest attempt

  // The connection's thread alone:
  OnBatch on_batch_;
  bool open_ = false;       // a session stands and everything is declared on it
  bool consuming_ = false;  // on that session
  bool refused_ = false;    // before it ever was subscribed
  bool stop_asked_ = false;
  bool stopped_ = false;
  Consumers consumers_;
  std::vector<std::string> cancelled_;  // tags whose queue was deleted or moved
  std::deque<Delivery> held_;
  Batch batch_;
  Deadline batch_due_ = never;

  Connection connection_;  // last: its thread uses all of the above
};

}  // namespace gantry::rabbit
