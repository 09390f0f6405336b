// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "gantry/driver/completion.hpp"
#include "gantry/driver/features.hpp"
#include "gantry/driver/listener.hpp"
#include "gantry/driver/send_options.hpp"
#include "gantry/export.hpp"
#include "gantry/message.hpp"
#include "gantry/target.hpp"

namespace gantry {

// What a backend implements (oslo.messaging's driver contract). Every method is for any thread.
//
// A verb with a Completion starts an operation and returns; the completion is told exactly once, at
// the latest when the operation's deadline passes, on any thread and with no lock of the driver
// held. A verb may wait where the backend is saturated, but never beyond the deadline. What goes
// wrong is told to the completion; a verb that throws before it has moved the completion away is
// taken to mean the same. Errors are gantry's; no exception type of a client library escapes.
//
// `target` has a topic; Transport sees to that. The driver does not keep references to its
// arguments.
class GANTRY_API BaseDriver {
 public:
  BaseDriver() = default;
  BaseDriver(const BaseDriver&) = delete;
  BaseDriver& operator=(const BaseDriver&) = delete;

  // The cleanup: blocks until everything is released; operations under way end with
  // TransportClosed.
  virtual ~BaseDriver();

  virtual const Features& features() const noexcept = 0;

  // A request that nobody answers: to one server of the topic, to the named one, or, with
  // target.fanout, to all. Ends when the backend has it.
  virtual void send(const Target& target, Message message, const SendOptions& options,
                    Completion<void>&& done) = 0;

  // A request with a reply. Ends with the result; with a RemoteError that carries the failure; with
  // MessagingTimeout, MessageUndeliverable, MessageDeliveryFailure or another error of the library.
  // The request runs at most once; a reply that comes too late is dropped.
  virtual void call(const Target& target, Message message, const CallOptions& options,
                    Completion<Value>&& done) = 0;

  // Store and forward to `topic`, whose priority suffix the caller has put on
  // ("notifications.info"). Kept by the backend until a listener takes it, also when none exists
  // yet.
  virtual void send_notification(const Target& target, Message message, Envelope envelope,
                                 const SendOptions& options, Completion<void>&& done) = 0;

  // Subscribes to the topic, to topic and server, and to the topic's fanout. On return it is
  // subscribed; `deadline` bounds that.
  virtual std::unique_ptr<Listener> listen(const Target& target, const BatchOptions& batch,
                                           Deadline deadline) = 0;

  // Subscribes to each topic.priority. Listeners of one pool share the messages, each pool gets its
  // own copy; the empty name is the default pool. UnsupportedFeature where the driver has no pools.
  virtual std::unique_ptr<Listener> listen_for_notifications(
      std::span<const Subscription> subscriptions, std::string_view pool, const BatchOptions& batch,
      Deadline deadline) = 0;
};

}  // namespace gantry
