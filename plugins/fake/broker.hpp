// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consumer.hpp"
#include "delivery.hpp"
#include "depth.hpp"
#include "gantry/driver/timeline.hpp"
#include "gantry/error.hpp"
#include "gantry/kit/routing.hpp"
#include "queue.hpp"

namespace gantry::fake {

// Notes nothing where the sender has no timeline.
inline void reach(Timeline* timeline, Stage stage) {
  if (timeline != nullptr) timeline->reach(stage);
}

// The exchanges of one name, shared by all drivers of that name in the process. It lives as long as
// the process, as a real broker outlives its clients. For any thread.
class Broker {
 public:
  // The one of this name; made at its first use (FAKE-1).
  static Broker& named(std::string_view name);

  // A request to a topic, a server or all. Throws MessageUndeliverable when it is `mandatory` and
  // there is no queue for it. Notes on the timeline, unless that is null, that it is confirmed.
  void publish(const Address& address, Delivery&& delivery, bool mandatory, Timeline* timeline);

  // Throws MessageUndeliverable when no queue would take a request to the address.
  void require_queue(const Address& address);

  // A notification: to the default queue of the topic, which is made if need be, and to each of its
  // pools (FAKE-5).
  void store(const Address& topic, Delivery&& delivery, Timeline* timeline);

  // Back to the tail of the queue that it came from, and to no other (FAKE-16).
  void requeue(Delivery delivery);

  // A consumer of requests to each of the addresses.
  std::unique_ptr<Consumer> listen(std::span<const Address> addresses);

  // A consumer of notifications in a pool; the empty name is the default one.
  std::unique_ptr<Consumer> listen_for_notifications(std::span<const Address> topics,
                                                     std::string_view pool);

  // Where a call whose time is up got stuck, if it is here still.
  std::optional<TimeoutCause> whereabouts(std::string_view id);

  // What lies where: by exchange and topic, in each first the topic's queue, then those of servers,
  // then those of pools.
  std::vector<Depth> depths();

  std::mutex& mutex() { return mutex_; }

 private:
  struct Topic {
    std::optional<Queue> queue;  // since somebody has listened to it, or stored a notification
    std::map<std::string, Queue, std::less<>> servers;
    std::map<std::string, Queue, std::less<>> pools;
    std::vector<Queue*> fanout;  // one a listener
  };
  using Exchange = std::map<std::string, Topic, std::less<>>;

  Topic& topic_of(const Address& address);
  Topic* find_topic(const Address& address);
  void subscribe(Consumer& consumer, const Address& address);
  static Queue& default_queue(Topic& topic);
  static Queue& pool_queue(Topic& topic, std::string_view pool, Bells& bells);
  template <class Visit>
  static void for_each_queue(Topic& topic, const Address& address, Visit visit);
  bool push(Topic& topic, const Address& address, Delivery&& delivery, Timeline* timeline,
            Bells& bells);

  std::mutex mutex_;
  std::map<std::string, Exchange, std::less<>> exchanges_;  // guarded by mutex_, as all below
  std::uint64_t arrived_ = 0;
};

// The broker's lock, and what is done after its release.
class Ringing {
 public:
  explicit Ringing(Broker& broker) : lock_(broker.mutex()) {}
  Ringing(const Ringing&) = delete;
  Ringing& operator=(const Ringing&) = delete;
  ~Ringing() {
    lock_.unlock();
    for (const auto& bell : bells.rung) bell->notify_one();
    if (bells.borrowed != nullptr) bells.borrowed->serve();
  }

  Bells bells{};

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace gantry::fake
