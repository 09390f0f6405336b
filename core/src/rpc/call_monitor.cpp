// SPDX-License-Identifier: Apache-2.0
#include "call_monitor.hpp"

#include <mutex>
#include <string>
#include <utility>

#include "gantry/log.hpp"

namespace gantry {
namespace {

constexpr std::chrono::milliseconds kShortest{200};  // DISP-16

}  // namespace

struct CallMonitor::Beat {
  const std::shared_ptr<Timer> timer;
  const std::chrono::milliseconds pause;
  std::mutex mutex;
  IncomingMessage* request;  // guarded by mutex; null once the request is answered

  static void next(const std::shared_ptr<Beat>& beat) {
    beat->timer->at(Deadline::after(beat->pause), [beat] {
      {
        // Held while the heartbeat is handed over: none may come after the reply.
        const std::lock_guard lock(beat->mutex);
        if (beat->request == nullptr) return;
        beat->request->heartbeat();
      }
      next(beat);
    });
  }
};

CallMonitor::CallMonitor(std::shared_ptr<Timer> timer, IncomingMessage& request) {
  const auto interval = request.facts().monitor;
  if (!interval) return;
  if (*interval < kShortest) {
    log(LogLevel::warning, "a caller asked for a call monitor of " +
                               std::to_string(interval->count()) +
                               " ms; below 200 ms no heartbeats are sent");
    return;
  }
  beat_ = std::shared_ptr<Beat>(new Beat{std::move(timer), *interval / 2, {}, &request});
  Beat::next(beat_);
}

CallMonitor::~CallMonitor() {
  if (!beat_) return;
  const std::lock_guard lock(beat_->mutex);
  beat_->request = nullptr;
}

}  // namespace gantry
