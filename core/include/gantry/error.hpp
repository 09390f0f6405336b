// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "gantry/export.hpp"

// Every error that gantry raises on its own behalf is a MessagingException (semantics §17). Errors
// that carry a Target or a failure from the other side stand beside those values (target.hpp,
// failure.hpp).
namespace gantry {

class GANTRY_API MessagingException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~MessagingException() override;
};

// Where an operation stood when its deadline passed, as far as driver and broker can tell.
enum class TimeoutCause {
  unknown,
  pool,          // waiting for a connection of the pool
  connecting,    // no connection to the broker yet
  blocked,       // the broker told publishers to wait (an alarm)
  unconfirmed,   // written, but the broker did not confirm: it may or may not have the message
  no_consumer,   // the broker has it, but nobody consumes from where it is
  queued,        // the broker has it and has not handed it to a consumer
  no_reply,      // the broker has it; whether a handler runs is not known
  in_handler,    // a heartbeat has shown that the handler was running
  no_heartbeat,  // the call monitor heard nothing for its whole interval
  reply_lost,    // the reply queue vanished while the reply was due
};
GANTRY_API std::string_view to_string(TimeoutCause cause) noexcept;

// The operation's deadline passed. It is unknown whether the other side did the work, unless the
// cause tells that the message was never sent (see reliability: "in doubt").
class GANTRY_API MessagingTimeout : public MessagingException {
 public:
  explicit MessagingTimeout(const std::string& what, TimeoutCause cause = TimeoutCause::unknown);
  ~MessagingTimeout() override;
  TimeoutCause cause() const noexcept { return cause_; }

 private:
  TimeoutCause cause_;
};

// The broker did not take the message, or retries were used up. Never raised when the broker has
// it.
class GANTRY_API MessageDeliveryFailure : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~MessageDeliveryFailure() override;
};

// The whole message was written and then the connection died before the broker confirmed it: it may
// or may not have been taken. Never resent unasked, so it cannot run twice.
class GANTRY_API MessageInDoubt : public MessageDeliveryFailure {
 public:
  MessageInDoubt(const std::string& what, std::string unique_id);
  ~MessageInDoubt() override;
  const std::string& unique_id() const noexcept { return unique_id_; }

 private:
  std::string unique_id_;
};

// The broker has no queue for the message. It was not stored and has not run.
class GANTRY_API MessageUndeliverable : public MessagingException {
 public:
  MessageUndeliverable(const std::string& what, std::string exchange, std::string routing_key);
  ~MessageUndeliverable() override;
  const std::string& exchange() const noexcept { return exchange_; }
  const std::string& routing_key() const noexcept { return routing_key_; }

 private:
  std::string exchange_;
  std::string routing_key_;
};

// The backend failed in a way that is neither a timeout nor an exhausted retry: protocol error,
// access refused, a topology that clashes with what the broker has.
class GANTRY_API TransportDriverError : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~TransportDriverError() override;
};

// The broker would not do something to one of its exchanges or queues. What an operator has to
// mend, so it is not retried.
class GANTRY_API EntityError : public TransportDriverError {
 public:
  EntityError(const std::string& what, std::string entity);
  ~EntityError() override;
  // "queue 'calc'", as the broker calls it; empty where it did not say.
  const std::string& entity() const noexcept { return entity_; }

 private:
  std::string entity_;
};

// The user may not do this to the entity (AMQP 403).
class GANTRY_API AccessRefused : public EntityError {
 public:
  using EntityError::EntityError;
  ~AccessRefused() override;
};

// There is no such entity (AMQP 404), also after it was declared again.
class GANTRY_API EntityNotFound : public EntityError {
 public:
  using EntityError::EntityError;
  ~EntityNotFound() override;
};

// The broker has the entity with another property (AMQP 406): options of the two sides differ, or
// the entity is older than they are. It is never used as it is: it may keep less than was asked
// for.
class GANTRY_API TopologyMismatch : public EntityError {
 public:
  // `argument` is "durable", say; `have` is the broker's value and `want` ours, in its words.
  TopologyMismatch(const std::string& what, std::string entity, std::string argument,
                   std::string have, std::string want);
  ~TopologyMismatch() override;
  const std::string& argument() const noexcept { return argument_; }
  const std::string& have() const noexcept { return have_; }
  const std::string& want() const noexcept { return want_; }

 private:
  std::string argument_;
  std::string have_;
  std::string want_;
};

// The broker refused the credentials or the virtual host, or one side the other's certificate. Not
// retried.
class GANTRY_API AuthenticationFailed : public TransportDriverError {
 public:
  using TransportDriverError::TransportDriverError;
  ~AuthenticationFailed() override;
};

// An argument that the API does not take: an empty topic, a negative timeout, a batch of zero.
class GANTRY_API InvalidArgument : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~InvalidArgument() override;
};

class GANTRY_API InvalidVersion : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
  ~InvalidVersion() override;
};

class GANTRY_API InvalidTransportURL : public MessagingException {
 public:
  // `url` is the offending text with every password replaced by ***.
  InvalidTransportURL(const std::string& reason, std::string url);
  ~InvalidTransportURL() override;
  const std::string& url() const noexcept { return url_; }

 private:
  std::string url_;
};

// A setting that cannot be used; the text names the place (`file:line:column` or "in the URL's
// query").
class GANTRY_API ConfigurationError : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~ConfigurationError() override;
};

// A value that cannot be put on the wire or taken from it: NaN, an integer beyond 64 bits, invalid
// UTF-8.
class GANTRY_API SerializationError : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~SerializationError() override;
};

// A body whose envelope says a version this library does not speak (wire §5.1).
class GANTRY_API UnsupportedEnvelope : public SerializationError {
 public:
  using SerializationError::SerializationError;
  ~UnsupportedEnvelope() override;
};

// The driver does not do this; ask `features()` first.
class GANTRY_API UnsupportedFeature : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~UnsupportedFeature() override;
};

// The transport was closed, before the operation or during it.
class GANTRY_API TransportClosed : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~TransportClosed() override;
};

// The process was forked after the transport was opened: its connections and threads belong to the
// parent. Open the transport in the child.
class GANTRY_API ForkedTransport : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~ForkedTransport() override;
};

// The operation was given up by its own caller (PendingCall::cancel).
class GANTRY_API OperationCancelled : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~OperationCancelled() override;
};

class GANTRY_API MessagingServerError : public MessagingException {
 public:
  using MessagingException::MessagingException;
  ~MessagingServerError() override;
};

// The server's executor is not one that gantry knows.
class GANTRY_API ExecutorLoadFailure : public MessagingServerError {
 public:
  explicit ExecutorLoadFailure(std::string executor);
  ~ExecutorLoadFailure() override;
  const std::string& executor() const noexcept { return executor_; }

 private:
  std::string executor_;
};

// wait() called by a worker of the very server it would wait for.
class GANTRY_API WouldDeadlock : public MessagingServerError {
 public:
  using MessagingServerError::MessagingServerError;
  ~WouldDeadlock() override;
};

class GANTRY_API RPCDispatcherError : public MessagingServerError {
 public:
  using MessagingServerError::MessagingServerError;
  ~RPCDispatcherError() override;
};

// An endpoint fits the request's namespace and version, but has no such method.
class GANTRY_API NoSuchMethod : public RPCDispatcherError {
 public:
  explicit NoSuchMethod(std::string method);
  ~NoSuchMethod() override;
  const std::string& method() const noexcept { return method_; }

 private:
  std::string method_;
};

// No endpoint fits the request's namespace and version.
class GANTRY_API UnsupportedVersion : public RPCDispatcherError {
 public:
  UnsupportedVersion(std::string version, std::string method);
  ~UnsupportedVersion() override;
  const std::string& version() const noexcept { return version_; }
  const std::string& method() const noexcept { return method_; }

 private:
  std::string version_;
  std::string method_;
};

// The client's version cap does not allow the message's version.
class GANTRY_API RPCVersionCapError : public MessagingException {
 public:
  RPCVersionCapError(std::string version, std::string version_cap);
  ~RPCVersionCapError() override;
  const std::string& version() const noexcept { return version_; }
  const std::string& version_cap() const noexcept { return version_cap_; }

 private:
  std::string version_;
  std::string version_cap_;
};

}  // namespace gantry
