// SPDX-License-Identifier: Apache-2.0
#include "collector.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "gantry/kit/batch.hpp"

namespace gantry::kafka {
namespace {

const BatchOptions& checked(const BatchOptions& options) {
  check_batch(options);
  return options;
}

}  // namespace

Collector::Collector(const BatchOptions& options) : options_(checked(options)) {}

void Collector::start(Listener::OnBatch on_batch) {
  const std::lock_guard lock(mutex_);
  on_batch_ = std::move(on_batch);
}

void Collector::pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

void Collector::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
}

// The batch's clock starts at its first message.
void Collector::add(Batch messages) {
  std::unique_lock lock(mutex_);
  if (closed_) return;
  if (waiting_.empty()) due_ = Deadline::after(options_.timeout.value_or(kBatchMaxLinger));
  std::ranges::move(messages, std::back_inserter(waiting_));
  drain(lock);
}

void Collector::hand_over() {
  std::unique_lock lock(mutex_);
  drain(lock);
}

Deadline Collector::due() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || paused_ || !on_batch_ || handing_over_ != std::thread::id()) return never;
  return waiting_.size() >= options_.size ? Deadline::after({}) : due_;
}

bool Collector::is_ready() const {
  if (waiting_.empty() || !on_batch_) return false;
  return finishing_ || (!paused_ && (waiting_.size() >= options_.size || due_.expired()));
}

Batch Collector::take() {
  Batch batch;
  while (!waiting_.empty() && batch.size() < options_.size) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  due_ = Deadline::after(options_.timeout.value_or(kBatchMaxLinger));
  return batch;
}

void Collector::drain(std::unique_lock<std::mutex>& lock) {
  if (handing_over_ != std::thread::id()) return;
  while (is_ready()) {
    auto batch = take();
    handing_over_ = std::this_thread::get_id();
    lock.unlock();
    gantry::hand_over(std::move(batch), on_batch_);
    lock.lock();
    handing_over_ = {};
  }
  changed_.notify_all();
}

void Collector::drop(const std::function<bool(const IncomingMessage&)>& which) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](const auto& message) { return which(*message); });
}

void Collector::finish() {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  if (handing_over_ == std::this_thread::get_id()) return;  // that call goes on with what is left
  changed_.wait(lock, [this] { return handing_over_ == std::thread::id(); });
  drain(lock);
  closed_ = true;
}

}  // namespace gantry::kafka
