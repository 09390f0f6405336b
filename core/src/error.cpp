// SPDX-License-Identifier: Apache-2.0
#include "gantry/error.hpp"

#include <utility>

namespace gantry {

std::string_view to_string(TimeoutCause cause) noexcept {
  switch (cause) {
    case TimeoutCause::unknown:
      return "unknown";
    case TimeoutCause::pool:
      return "no free connection in the pool";
    case TimeoutCause::connecting:
      return "not connected";
    case TimeoutCause::blocked:
      return "the broker blocks publishers";
    case TimeoutCause::unconfirmed:
      return "not confirmed";
    case TimeoutCause::no_consumer:
      return "no consumer";
    case TimeoutCause::queued:
      return "still queued";
    case TimeoutCause::no_reply:
      return "no reply";
    case TimeoutCause::in_handler:
      return "still in the handler";
    case TimeoutCause::no_heartbeat:
      return "no heartbeat";
    case TimeoutCause::reply_lost:
      return "reply lost";
  }
  return "unknown";
}

MessagingTimeout::MessagingTimeout(const std::string& what, TimeoutCause cause)
    : MessagingException(what), cause_(cause) {}

MessageInDoubt::MessageInDoubt(const std::string& what, std::string unique_id)
    : MessageDeliveryFailure(what), unique_id_(std::move(unique_id)) {}

MessageUndeliverable::MessageUndeliverable(const std::string& what, std::string exchange,
                                           std::string routing_key)
    : MessagingException(what),
      exchange_(std::move(exchange)),
      routing_key_(std::move(routing_key)) {}

EntityError::EntityError(const std::string& what, std::string entity)
    : TransportDriverError(what), entity_(std::move(entity)) {}

TopologyMismatch::TopologyMismatch(const std::string& what, std::string entity,
                                   std::string argument, std::string have, std::string want)
    : EntityError(what, std::move(entity)),
      argument_(std::move(argument)),
      have_(std::move(have)),
      want_(std::move(want)) {}

InvalidTransportURL::InvalidTransportURL(const std::string& reason, std::string url)
    : MessagingException("invalid transport URL: " + reason + (url.empty() ? "" : ": " + url)),
      url_(std::move(url)) {}

ExecutorLoadFailure::ExecutorLoadFailure(std::string executor)
    : MessagingServerError("no executor '" + executor + "'; use 'threading' or 'inline'"),
      executor_(std::move(executor)) {}

NoSuchMethod::NoSuchMethod(std::string method)
    : RPCDispatcherError("Endpoint does not support RPC method " + method),
      method_(std::move(method)) {}

UnsupportedVersion::UnsupportedVersion(std::string version, std::string method)
    : RPCDispatcherError("Endpoint does not support RPC version " + version +
                         ". Attempted method: " + method),
      version_(std::move(version)),
      method_(std::move(method)) {}

RPCVersionCapError::RPCVersionCapError(std::string version, std::string version_cap)
    : MessagingException("Requested message version, " + version +
                         ", is incompatible with the version cap " + version_cap),
      version_(std::move(version)),
      version_cap_(std::move(version_cap)) {}

// Out of line, so that each type has one type_info, in libgantry.
MessagingException::~MessagingException() = default;
MessagingTimeout::~MessagingTimeout() = default;
MessageDeliveryFailure::~MessageDeliveryFailure() = default;
MessageInDoubt::~MessageInDoubt() = default;
MessageUndeliverable::~MessageUndeliverable() = default;
TransportDriverError::~TransportDriverError() = default;
EntityError::~EntityError() = default;
AccessRefused::~AccessRefused() = default;
EntityNotFound::~EntityNotFound() = default;
TopologyMismatch::~TopologyMismatch() = default;
AuthenticationFailed::~AuthenticationFailed() = default;
InvalidArgument::~InvalidArgument() = default;
InvalidVersion::~InvalidVersion() = default;
InvalidTransportURL::~InvalidTransportURL() = default;
ConfigurationError::~ConfigurationError() = default;
SerializationError::~SerializationError() = default;
UnsupportedEnvelope::~UnsupportedEnvelope() = default;
UnsupportedFeature::~UnsupportedFeature() = default;
TransportClosed::~TransportClosed() = default;
ForkedTransport::~ForkedTransport() = default;
OperationCancelled::~OperationCancelled() = default;
MessagingServerError::~MessagingServerError() = default;
ExecutorLoadFailure::~ExecutorLoadFailure() = default;
WouldDeadlock::~WouldDeadlock() = default;
RPCDispatcherError::~RPCDispatcherError() = default;
NoSuchMethod::~NoSuchMethod() = default;
UnsupportedVersion::~UnsupportedVersion() = default;
RPCVersionCapError::~RPCVersionCapError() = default;

}  // namespace gantry
