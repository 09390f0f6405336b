// SPDX-License-Identifier: Apache-2.0
#include "thread.hpp"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

namespace gantry::rabbit {
namespace {
constexpr std::size_t kStackBytes = std::size_t{16} << 20;
}  // namespace

struct BigStackThread::State {
  std::function<void()> work;
  std::mutex mutex{};
  std::condition_variable changed{};
  bool ended = false;  // guarded by mutex
};

BigStackThread::BigStackThread(std::function<void()> work)
    : state_(new State{.work = std::move(work)}) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  const auto error = ::pthread_create(&thread_, &attributes, &BigStackThread::run, state_.get());
  ::pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_create");
}

BigStackThread::~BigStackThread() { ::pthread_join(thread_, nullptr); }

bool BigStackThread::ended(Deadline deadline) const {
  std::unique_lock lock(state_->mutex);
  return deadline.wait(state_->changed, lock, [this] { return state_->ended; });
}

void* BigStackThread::run(void* state) {
  auto& self = *static_cast<State*>(state);
  self.work();
  const std::lock_guard lock(self.mutex);
  self.ended = true;
  self.changed.notify_all();
  return nullptr;
}

}  // namespace gantry::rabbit
