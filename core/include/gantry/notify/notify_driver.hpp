// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/driver/completion.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"
#include "gantry/notify/notification.hpp"
#include "gantry/notify/priority.hpp"
#include "gantry/notify/routing_table.hpp"
#include "gantry/transport.hpp"

namespace gantry {

// What a notifier does with a notification (semantics §20). Used by many threads at once.
class GANTRY_API NotifyDriver {
 public:
  virtual ~NotifyDriver();

  // Tells `done` when the notification is taken care of: for a broker, when it has it.
  virtual void notify(Notification notification, Priority priority, const SendOptions& options,
                      Completion<void>&& done) = 0;

  // Reads again what it was configured with, if that can change while it is used (routing); by
  // default there is nothing to read.
  virtual void reload();
};

// Sends to `topic.priority` of the default exchange, for each of the topics: "messaging" the bare
// message (v1), "messagingv2" the same in the envelope (v2).
class GANTRY_API MessagingNotifyDriver final : public NotifyDriver {
 public:
  // The transport outlives the driver.
  MessagingNotifyDriver(Transport& transport, const std::vector<std::string>& topics,
                        Envelope envelope);
  ~MessagingNotifyDriver() override;
  void notify(Notification notification, Priority priority, const SendOptions& options,
              Completion<void>&& done) override;

 private:
  Transport& transport_;
  const Envelope envelope_;
  std::array<std::vector<Target>, kPriorities.size()> targets_;  // of each priority
};

// Writes each notification as one log line, at the level of its priority, with secrets masked.
// Audit and sample have no level and are not logged (NDRV-4).
class GANTRY_API LogNotifyDriver final : public NotifyDriver {
 public:
  ~LogNotifyDriver() override;
  void notify(Notification notification, Priority priority, const SendOptions& options,
              Completion<void>&& done) override;
};

// Does nothing.
class GANTRY_API NoopNotifyDriver final : public NotifyDriver {
 public:
  ~NoopNotifyDriver() override;
  void notify(Notification notification, Priority priority, const SendOptions& options,
              Completion<void>&& done) override;
};

// Keeps what it gets, for tests.
class GANTRY_API TestNotifyDriver final : public NotifyDriver {
 public:
  struct Kept {
    Notification notification;
    Priority priority;
    int retry;
  };

  ~TestNotifyDriver() override;
  void notify(Notification notification, Priority priority, const SendOptions& options,
              Completion<void>&& done) override;

  // Those of the whole process, as oslo.messaging's driver has them; reset forgets them.
  static std::vector<Kept> kept();
  static void reset();
};

// A driver by its name. `routing` is where the driver of that name has its table from. Throws
// ConfigurationError with the nearest name for one that is not known, and for one that sends and
// has no topic to send to.
GANTRY_API std::shared_ptr<NotifyDriver> make_notify_driver(std::string_view name,
                                                            Transport& transport,
                                                            const std::vector<std::string>& topics,
                                                            const RoutingSource& routing = {});

// Throws ConfigurationError, with the nearest name, unless make_notify_driver knows the name.
GANTRY_API void check_notify_driver(std::string_view name);

}  // namespace gantry
