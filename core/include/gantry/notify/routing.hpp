// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/export.hpp"
#include "gantry/notify/notify_driver.hpp"
#include "gantry/notify/routing_table.hpp"
#include "gantry/transport.hpp"

namespace gantry {

// Hands each notification to those drivers whose rules accept it (semantics §20, ROUT). Of the
// drivers it makes those that the table names; never itself.
class GANTRY_API RoutingNotifyDriver final : public NotifyDriver {
 public:
  using Factory = std::function<std::shared_ptr<NotifyDriver>(std::string_view name)>;

  // The drivers are those of make_notify_driver; the transport outlives them. Without a source, or
  // with an empty table, nothing is routed, which is warned of once.
  RoutingNotifyDriver(Transport& transport, std::vector<std::string> topics, RoutingSource source);
  // With drivers of the program's own. What the factory throws for a name that it does not know
  // refuses the table.
  RoutingNotifyDriver(RoutingSource source, Factory make);
  ~RoutingNotifyDriver() override;

  // `done` is told when all chosen drivers are done, with the first error; further ones are logged.
  // Throws what is wrong with the table as long as there was no good one. What a source itself
  // notifies is not routed.
  void notify(Notification notification, Priority priority, const SendOptions& options,
              Completion<void>&& done) override;

  // Asks the source again. Notifications see the old table or the new one, nothing in between; if
  // this throws, the old one stays.
  void reload() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gantry
