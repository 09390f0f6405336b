// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "confirms.hpp"
#include "connection.hpp"
#include "publish.hpp"

namespace gantry::rabbit {

// A sending connection. It publishes what is handed to it, many at a time, declares what a message
// needs beforehand, and tells each publish its end when the broker confirms it. A lone caller
// writes its message itself.
class Sender final : public Role {
 public:
  static constexpr std::size_t kWindow = 1000;  // unconfirmed at most

  // `has_room` is called by the connection's thread when a full sender has emptied by half. A stop
  // asked for by `stopping` begins at once, so that several senders end side by side.
  Sender(const Settings& settings, std::function<void(Sender&)> has_room,
         const std::stop_token& stopping);
  ~Sender() override;

  void hand_over(const PublishPtr& publish);                          // [any thread]
  bool full() const noexcept { return taken_ >= kWindow; }            // [any thread]
  bool half_empty() const noexcept { return taken_ <= kWindow / 2; }  // [any thread]
  bool on_own_thread() const noexcept { return connection_.on_own_thread(); }

  std::string_view purpose() const noexcept override { return "sending"; }
  bool wants_session() const override { return !waiting_.empty(); }
  void opened(Session& session) override;
  void turn(Session& session) override;
  Deadline due() const override;
  void attempt_failed(const std::exception_ptr& error, bool final) override;
  void lost(const std::exception_ptr& error) override;
  void channel_closed(Session& session, const ChannelClosed& closed) override;
  bool idle() const override { return waiting_.empty() && later_.empty() && confirms_.open() == 0; }
  void closing(Session&) override {}
  void closed() override;
  void on_returned(Returned returned) override { confirms_.note_return(returned); }
  void on_confirm(const Confirm& confirm) override;
  void on_blocked(const std::string& reason) override;
  void on_unblocked() override;

 private:
  bool publish_here(const PublishPtr& publish);
  void take(PublishPtr publish);
  void drop_expired();
  void renew_channel(Session& session);
  void replace_channel(Session& session);
  void begin_channel(Session& session);
  bool ready(Session& session, const PublishPtr& publish);
  void declare(Session& session, const Publish& publish);
  bool is_declared(const Publish::Content& content) const;
  void publish(Session& session, const PublishPtr& publish);
  void confirmed(const Confirms::Unconfirmed& entry, bool accepted);
  void nacked(const PublishPtr& publish);
  void settle(const std::vector<PublishPtr>& open, const ChannelClosed& closed);
  void doubt(const std::vector<PublishPtr>& written, const std::exception_ptr& error);
  void mend(const PublishPtr& publish, Fate fate, const std::exception_ptr& error);
  void finish(Publish& publish, Fate fate, const std::exception_ptr& error = {});
  void left();

  const std::function<void(Sender&)> has_room_;
  std::atomic<std::size_t> taken_ = 0;  // handed over and not ended
  std::atomic<bool> was_full_ = false;

  struct Later {
    Deadline at;
    PublishPtr publish;
  };
  // For whoever has the connection's turn:
  std::deque<PublishPtr> waiting_;
  std::deque<Later> later_;  // to wait again, on the session that stands; the next one first
  PublishPtr unwritten_;     // its write failed
  Confirms confirms_;
  bool refused_ = false;   // a queue refused something that came over this channel
  bool draining_ = false;  // so it gets nothing more until all of it is confirmed, or
  Deadline drained_by_;
  Deadline renewable_from_{Deadline::Clock::time_point::min()};
  std::unordered_set<std::string> declared_;  // on this session
  bool declaring_ = false;                    // its channel is open
  bool blocked_ = false;
  std::exception_ptr last_failure_{};  // of an attempt to connect, while another follows by itself

  Connection connection_;  // its thread uses all of the above
  const std::stop_callback<std::function<void()>> on_stopping_;
};

}  // namespace gantry::rabbit
