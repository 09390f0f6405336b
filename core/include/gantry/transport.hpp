// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "gantry/driver/base_driver.hpp"
#include "gantry/export.hpp"
#include "gantry/ledger.hpp"
#include "gantry/transport_url.hpp"

namespace gantry {

// The one door to a driver: what RPC and notifications talk to. Opened by DriverManager::open,
// owned once, neither copied nor moved: clients, servers and notifiers borrow it and must be gone
// before it is. It checks targets before a driver sees them, and fences the driver: an exception
// that is not gantry's comes out as TransportDriverError with the driver named. Every method is for
// any thread. A process forked from the one that opened it cannot use it (ForkedTransport); there
// its destructor leaves alone what belongs to the parent.
class GANTRY_API Transport {
 public:
  struct Settings {
    TransportUrl url{};
    std::string default_exchange = "openstack";  // control_exchange
    std::chrono::milliseconds rpc_response_timeout{60'000};
    std::size_t executor_thread_pool_size = 64;
    bool rpc_ping_enabled = false;
    // Never null. Shared with the driver, and with completions that end after the transport does.
    std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();
  };

  Transport(std::unique_ptr<BaseDriver> driver, Settings settings);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();  // close()

  const Settings& settings() const noexcept { return settings_; }
  const Features& features() const noexcept { return features_; }

  // How what was sent and received ended.
  Ledger& ledger() noexcept { return *settings_.ledger; }
  const Ledger& ledger() const noexcept { return *settings_.ledger; }

  // The driver's verbs (driver/base_driver.hpp). InvalidTarget without a topic, for `listen` also
  // without a server; UnsupportedFeature where the driver does not do it; TransportClosed.
  void send(const Target& target, Message message, const SendOptions& options,
            Completion<void> done);
  void call(const Target& target, Message message, const CallOptions& options,
            Completion<Value> done);
  void send_notification(const Target& target, Message message, Envelope envelope,
                         const SendOptions& options, Completion<void> done);
  // InvalidTarget without topic or server; errors are thrown.
  std::unique_ptr<Listener> listen(const Target& target, const BatchOptions& batch,
                                   Deadline deadline);
  std::unique_ptr<Listener> listen_for_notifications(std::span<const Subscription> subscriptions,
                                                     std::string_view pool,
                                                     const BatchOptions& batch, Deadline deadline);

  // The same, waiting for the end and throwing what went wrong.
  void send(const Target& target, Message message, const SendOptions& options);
  Value call(const Target& target, Message message, const CallOptions& options);
  void send_notification(const Target& target, Message message, Envelope envelope,
                         const SendOptions& options);

  // Releases all that the driver holds, and blocks until that is done. Operations under way, and
  // all later ones, end with TransportClosed. Harmless when repeated. Not from within a completion.
  void close();

 private:
  std::shared_ptr<BaseDriver> driver() const;  // throws TransportClosed, ForkedTransport
  bool forked() const noexcept;
  template <class T, class Verb>
  void start(const Target& target, bool supported, const char* verb, Completion<T> done, Verb run);
  template <class Verb>
  auto fenced(Verb verb) const;

  const Settings settings_;
  const Features features_;
  const unsigned opened_in_;  // how many forks lay behind the process then
  mutable std::mutex mutex_;
  // Shared with the verbs under way, so that close() on one thread does not pull it from under
  // another.
  std::shared_ptr<BaseDriver> driver_;  // guarded by mutex_
  std::shared_future<void> released_;   // the driver is destroyed
};

}  // namespace gantry
