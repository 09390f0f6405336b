// SPDX-License-Identifier: Apache-2.0
#include "listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/kit/batch.hpp"
#include "gantry/log.hpp"

namespace gantry::rabbit {
namespace {

// At most so many deliveries are acknowledged and handed over between two looks at `paused_`.
constexpr std::size_t kChunk = 16;
// How long a stop waits for the connection's thread before it takes the socket away.
constexpr std::chrono::seconds kStopGrace{5};

// A batch larger than what the broker sends ahead would never be full.
BatchOptions capped(BatchOptions batch, std::uint16_t prefetch) {
  check_batch(batch);
  if (prefetch == 0 || batch.size <= prefetch) return batch;
  log(LogLevel::warning,
      fmt::format("rabbit: batches of {} are cut to rabbit_qos_prefetch_count, {}", batch.size,
                  prefetch));
  batch.size = prefetch;
  return batch;
}

// What is not limited would be kept in memory while handlers are busy (reliability O19).
std::uint16_t prefetch_of(const Settings& settings, const BatchOptions& batch) {
  if (settings.prefetch != 0) return settings.prefetch;
  constexpr std::size_t least = 1000;
  constexpr std::size_t most = 65535;
  return static_cast<std::uint16_t>(std::clamp(2 * batch.size, least, most));
}

}  // namespace

ConsumingListener::ConsumingListener(std::shared_ptr<const Settings> settings,
                                     Subscriptions subscriptions, std::unique_ptr<Intake> intake,
                                     const BatchOptions& batch)
    : settings_(std::move(settings)),
      subscriptions_(std::move(subscriptions)),
      intake_(std::move(intake)),
      batch_options_(capped(batch, settings_->prefetch)),
      consumers_(subscriptions_.bindings, settings_->topology),
      connection_(*settings_, *this) {}

ConsumingListener::~ConsumingListener() {
  stop();
  connection_.stop();
}

void ConsumingListener::wait_subscribed(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto known = [this] { return subscribed_ || drained_; };
  const bool in_time = deadline.wait(changed_, lock, known);
  if (subscribed_) return;
  if (in_time && failure_) std::rethrow_exception(failure_);
  std::string reason = "the broker has not answered";
  try {
    if (failure_) std::rethrow_exception(failure_);
  } catch (const std::exception& error) {
    reason = error.what();
  }
  throw MessagingTimeout(fmt::format("{}: not subscribed in time: {}", subscriptions_.what, reason),
                         TimeoutCause::connecting);
}

void ConsumingListener::start(OnBatch on_batch) {
  connection_.post(
      [this, on_batch = std::move(on_batch)]() mutable { on_batch_ = std::move(on_batch); });
}

void ConsumingListener::resume() noexcept {
  paused_ = false;
  connection_.post([] {});
}

void ConsumingListener::stop() {
  if (connection_.on_own_thread()) {
    stop_asked_ = true;
    return;
  }
  connection_.post([this] {
    stop_asked_ = true;
    if (!open_) finish_stop(nullptr);
  });
  const auto grace = connection_.serving() ? Deadline::after(kStopGrace) : Deadline::after({});
  std::unique_lock lock(mutex_);
  const auto drained = [this] { return drained_; };
  if (grace.wait(changed_, lock, drained)) return;
  lock.unlock();
  connection_.stop();
}

void ConsumingListener::opened(Session& session) {
  session.set_prefetch(prefetch_of(*settings_, batch_options_));
  for (const auto& binding : subscriptions_.bindings) session.declare(binding, Session::kMessages);
  if (on_batch_) consumers_.consume_queues(session);
  consuming_ = static_cast<bool>(on_batch_);
  consumers_.consume_streams(session);
  open_ = true;
  const std::lock_guard lock(mutex_);
  subscribed_ = true;
  failure_ = nullptr;
  changed_.notify_all();
}

// On the session that stands: what cannot be mended there closes the channel, and all is set up
// again.
void ConsumingListener::restore(Session& session) {
  for (const auto& tag : std::exchange(cancelled_, {})) restore(session, tag);
}

void ConsumingListener::restore(Session& session, const std::string& tag) {
  const auto queue = consumers_.queue_of(tag);
  if (queue.empty()) return;
  log(LogLevel::warning,
      fmt::format("rabbit: {}: the queue {} was deleted or moved; it is declared again",
                  subscriptions_.what, printable(queue)));
  for (const auto& binding : subscriptions_.bindings)
    if (binding.queue.name == queue) session.declare(binding, Session::kMessages);
  for (auto& delivery : held_)
    if (delivery.queue_tag == tag) delivery.stream_offset.reset();
  consumers_.consume_again(session, tag);
}

void ConsumingListener::on_delivery(Delivery delivery) {
  consumers_.arrived(delivery);
  held_.push_back(std::move(delivery));
}

void ConsumingListener::turn(Session& session) {
  intake_->flush(session);
  if (!stop_asked_ && !cancelled_.empty()) restore(session);
  if (stop_asked_ && !stopped_) finish_stop(&session);
  if (stopped_) {
    for (const auto& late : std::exchange(held_, {})) session.reject(late.tag, true);
    return;
  }
  if (!on_batch_) return;
  if (!std::exchange(consuming_, true)) consumers_.consume_queues(session);
  while (!paused_ && !stop_asked_ && !held_.empty()) hand_over_held(session);
  if (batch_due_.expired()) emit();
  if (stop_asked_) finish_stop(&session);
}

void ConsumingListener::hand_over_held(Session& session) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(kChunk, held_.size()));
  std::vector<Delivery> chunk(std::make_move_iterator(held_.begin()),
                              std::make_move_iterator(held_.begin() + count));
  held_.erase(held_.begin(), held_.begin() + count);
  const auto next_offset = Consumers::next_offset(chunk);
  auto batch = intake_->take(chunk, consumers_, session);
  if (next_offset) consumers_.read_on_from(*next_offset);
  for (auto& message : batch) collect(std::move(message));
}

// The batch's clock starts at its first message.
void ConsumingListener::collect(std::unique_ptr<IncomingMessage> message) {
  if (batch_.empty() && batch_options_.timeout)
    batch_due_ = Deadline::after(*batch_options_.timeout);
  batch_.push_back(std::move(message));
  if (batch_.size() >= batch_options_.size) emit();
}

void ConsumingListener::emit() {
  batch_due_ = never;
  if (!batch_.empty()) hand_over(std::exchange(batch_, {}), on_batch_);
}

// Nothing more is taken from the broker; what is here is handed over, also when paused. Without a
// session nothing is held.
void ConsumingListener::finish_stop(Session* session) {
  if (session != nullptr) consumers_.cancel(*session);
  while (session != nullptr && consuming_ && !held_.empty()) hand_over_held(*session);
  emit();
  stopped_ = true;
  const std::lock_guard lock(mutex_);
  drained_ = true;
  changed_.notify_all();
}

void ConsumingListener::attempt_failed(const std::exception_ptr& error, bool final) {
  const std::lock_guard lock(mutex_);
  failure_ = error;
  if (!final || subscribed_) return;
  refused_ = true;
  drained_ = true;
  changed_.notify_all();
}

void ConsumingListener::lost(const std::exception_ptr&) {
  open_ = false;
  consuming_ = false;
  held_.clear();
  cancelled_.clear();
  intake_->session_lost();
  if (stop_asked_ && !stopped_) finish_stop(nullptr);
}

// Only the text tells why: a message that was not acknowledged in time.
void ConsumingListener::channel_closed(Session& session, const ChannelClosed& closed) {
  const bool too_slow =
      std::string_view(closed.what()).find("acknowledgement") != std::string::npos;
  if (!too_slow) return Role::channel_closed(session, closed);
  throw ConnectionLost(fmt::format(
      "{}; a handler took longer than the broker's consumer_timeout: raise that, or let "
      "handlers end sooner; what they have is not handled again here",
      closed.what()));
}

void ConsumingListener::closing(Session& session) {
  intake_->flush(session);
  for (const auto& queue : subscriptions_.own_queues) session.delete_queue(queue);
}

void ConsumingListener::closed() {
  if (!stopped_) finish_stop(nullptr);
}

}  // namespace gantry::rabbit
