// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/driver/completion.hpp"
#include "gantry/export.hpp"
#include "gantry/notify/notify_driver.hpp"
#include "gantry/notify/priority.hpp"
#include "gantry/override.hpp"
#include "gantry/serializer.hpp"
#include "gantry/transport.hpp"
#include "gantry/value.hpp"

namespace gantry {

struct NotifierOptions {
  std::string publisher_id{};
  std::vector<std::string> topics{"notifications"};
  // By name: messaging, messagingv2, log, noop, test, routing. Each gets every notification.
  std::vector<std::string> drivers{"messagingv2"};
  int retry = -1;  // for ever, until the timeout
  OnDoubt on_doubt = OnDoubt::fail;
  // Ends a send whatever retry says; none: never.
  std::optional<std::chrono::milliseconds> timeout{};
  // How many of notify_async may be under way at once; none: as many as there are (NTF-16).
  std::optional<std::size_t> max_under_way{};
  std::shared_ptr<const Serializer> serializer{};  // null: nothing is changed
  // The keys of a context that are sent (NTF-6): who asked, and for which project. An empty list
  // sends none.
  std::vector<std::string> context_keys = default_context_keys();
  RoutingSource routing{};  // of the driver "routing": which others get what

  GANTRY_API static std::vector<std::string> default_context_keys();
};

// Tells events (semantics §19). A value that borrows its transport and shares its drivers; any
// thread may use it.
//
//   gantry::Notifier notifier(bus, {.publisher_id = "calc.node-1"});
//   notifier.info("calc.added", {{"sum", 5}});
class GANTRY_API Notifier {
 public:
  struct Prepared {
    Override<std::string> publisher_id{};
    Override<int> retry{};
  };

  // Throws ConfigurationError for an unknown driver, for no driver, and for drivers that need a
  // topic and have none: a notifier that tells nobody is a mistake.
  explicit Notifier(Transport& transport, NotifierOptions options = {});
  // With drivers of the program's own.
  Notifier(Transport& transport, NotifierOptions options,
           std::vector<std::shared_ptr<NotifyDriver>> drivers);

  Notifier prepare(const Prepared& overrides) const;

  // Returns when every driver is done with it. What fails is logged, without the payload, and does
  // not reach the caller; the other drivers are still used.
  void notify(Priority priority, std::string_view event_type, const Value& payload,
              const Object& context = {}) const;
  void audit(std::string_view event_type, const Value& payload, const Object& context = {}) const;
  void debug(std::string_view event_type, const Value& payload, const Object& context = {}) const;
  void info(std::string_view event_type, const Value& payload, const Object& context = {}) const;
  void warn(std::string_view event_type, const Value& payload, const Object& context = {}) const;
  void error(std::string_view event_type, const Value& payload, const Object& context = {}) const;
  void critical(std::string_view event_type, const Value& payload,
                const Object& context = {}) const;
  void sample(std::string_view event_type, const Value& payload, const Object& context = {}) const;

  // The same, throwing the first error; the message's id.
  std::string notify_or_throw(Priority priority, std::string_view event_type, const Value& payload,
                              const Object& context = {}) const;

  // Starts it and returns; many may be under way, so that their confirmations do not wait for each
  // other. `done` is told once all drivers are done, with the first error if there was one; with
  // MessageDeliveryFailure at once, and nothing is sent, when max_under_way are under way already.
  // Gives the message's id.
  std::string notify_async(Priority priority, std::string_view event_type, const Value& payload,
                           const Object& context, Completion<void> done) const;

  // How many notify_async were turned away, by this notifier and those prepared from it or it from.
  std::uint64_t dropped() const noexcept;

  // Reads the routing table again. Throws what is wrong with it; then the old one stays in force.
  void reload() const;

  // False when all it has is noop.
  bool is_enabled() const noexcept;

 private:
  struct Window;

  void send(Notification&& notification, Priority priority, Completion<void> done) const;
  Notification notification(Priority priority, std::string_view event_type, const Value& payload,
                            const Object& context) const;
  Object redacted(const Object& context) const;
  SendOptions send_options() const;

  NotifierOptions options_;
  std::vector<std::shared_ptr<NotifyDriver>> drivers_;  // shared by copies, as the next
  std::shared_ptr<Window> window_;
};

}  // namespace gantry
