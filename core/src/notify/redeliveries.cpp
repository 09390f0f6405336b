// SPDX-License-Identifier: Apache-2.0
#include "redeliveries.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace gantry {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirst = 100ms;
constexpr std::chrono::milliseconds kLongest = 30s;

}  // namespace

struct Redeliveries::Waiting {
  using Messages = std::map<std::uint64_t, std::unique_ptr<IncomingMessage>>;

  std::uint64_t keep(std::unique_ptr<IncomingMessage> message) {
    const std::lock_guard lock(mutex);
    messages.emplace(++last, std::move(message));
    return last;
  }
  void give_back(std::uint64_t number) {
    Messages::node_type due;
    {
      const std::lock_guard lock(mutex);
      due = messages.extract(number);
    }
    if (due) due.mapped()->requeue();
  }
  void give_back_all() {
    Messages all;
    {
      const std::lock_guard lock(mutex);
      all.swap(messages);
    }
    for (auto& [number, message] : all) message->requeue();
  }

  std::mutex mutex;
  Messages messages;  // guarded by mutex, as the next
  std::uint64_t last = 0;
};

Redeliveries::Redeliveries(int most) : most_(most), waiting_(std::make_shared<Waiting>()) {}

Redeliveries::~Redeliveries() { give_back_now(); }

bool Redeliveries::give_back(std::unique_ptr<IncomingMessage>& message, const std::string& id,
                             Endpoints handled_by) {
  const auto pause = next_pause(id, std::move(handled_by));
  if (!pause) return false;
  const auto number = waiting_->keep(std::move(message));
  timer_->at(Deadline::after(*pause), [weak = std::weak_ptr(waiting_), number] {
    if (const auto waiting = weak.lock()) waiting->give_back(number);
  });
  return true;
}

void Redeliveries::give_back_now() { waiting_->give_back_all(); }

Redeliveries::Endpoints Redeliveries::handled_by(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto* const record = records_.find(id);
  return record == nullptr ? Endpoints() : record->handled_by;
}

void Redeliveries::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  records_.erase(id);
}

std::optional<std::chrono::milliseconds> Redeliveries::next_pause(const std::string& id,
                                                                  Endpoints handled_by) {
  if (id.empty()) return kFirst;
  const std::lock_guard lock(mutex_);
  auto& record = records_[id];
  if (record.given_back == most_) {
    records_.erase(id);
    return std::nullopt;
  }
  record.handled_by = std::move(handled_by);
  return std::min(kFirst * (1 << std::min(record.given_back++, 9)), kLongest);
}

}  // namespace gantry
