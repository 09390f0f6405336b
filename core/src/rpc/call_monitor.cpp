// SPDX-License-Identifier: Apache-2.0
#include "call_monitor.hpp"

#include <mutex>
#include <string>

#include "gantry/log.hpp"

namespace gantry {
namespace {

constexpr std::chrono::milliseconds kShortest{200};  // DISP-16

}  // namespace

struct CallMonitor::Beat {
  Timer& timer;  // not owned: a callback must not be the one that ends the timer's thread
  const std::chrono::milliseconds pause;
  std::mutex mutex;
  IncomingMessage* request;  // guarded by mutex, as is next; null once the request is answered
  Timer::Id next{};

  // The mutex is held while the heartbeat is handed over: none may come after the reply.
  static void run(const std::shared_ptr<Beat>& beat) {
    const std::lock_guard lock(beat->mutex);
    if (beat->request == nullptr) return;
    beat->request->heartbeat();
    schedule(beat);
  }
  static void schedule(const std::shared_ptr<Beat>& beat) {
    beat->next = beat->timer.at(Deadline::after(beat->pause), [beat] { run(beat); });
  }
};

CallMonitor::CallMonitor(Timer& timer, IncomingMessage& request) {
  const auto interval = request.facts().monitor;
  if (!interval) return;
  if (*interval < kShortest) {
    log(LogLevel::warning, "a caller asked for a call monitor of " +
                               std::to_string(interval->count()) +
                               " ms; below 200 ms no heartbeats are sent");
    return;
  }
  beat_ = std::shared_ptr<Beat>(new Beat{timer, *interval / 2, {}, &request});
  const std::lock_guard lock(beat_->mutex);
  Beat::schedule(beat_);
}

CallMonitor::~CallMonitor() {
  if (!beat_) return;
  const std::lock_guard lock(beat_->mutex);
  beat_->request = nullptr;
  beat_->timer.cancel(beat_->next);
}

}  // namespace gantry
