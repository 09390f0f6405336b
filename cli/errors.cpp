// SPDX-License-Identifier: Apache-2.0
#include "errors.hpp"

#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/host/driver_load_failure.hpp"
#include "gantry/target.hpp"
#include "output.hpp"
#include "stop_signals.hpp"

namespace gantry::cli {
namespace {

template <class Error>
bool is(const std::exception& error) {
  return dynamic_cast<const Error*>(&error) != nullptr;
}

bool interrupted(const std::exception& error) {
  return is<TransportClosed>(error) && StopSignals::received();
}

std::string remote_error_text(const Failure& failure) {
  std::string text = failure.class_name + ": " + failure.message;
  if (failure.traceback.empty()) return text;
  text += "\nremote trace:";
  for (const std::string& entry : failure.traceback) {
    text += '\n' + entry.substr(0, entry.find_last_not_of('\n') + 1);
  }
  return text;
}

std::string text_of(const std::exception& error) {
  if (interrupted(error)) return "interrupted";
  if (const auto* remote = dynamic_cast<const RemoteError*>(&error)) {
    return remote_error_text(remote->failure());
  }
  return error.what();
}

}  // namespace

ExitCode exit_code_of(const std::exception& error) {
  if (const auto* own = dynamic_cast<const CommandError*>(&error)) return own->code();
  if (const auto* timeout = dynamic_cast<const MessagingTimeout*>(&error)) {
    return timeout->cause() == TimeoutCause::connecting ? ExitCode::unreachable : ExitCode::timeout;
  }
  if (const auto* load = dynamic_cast<const DriverLoadFailure*>(&error)) {
    return load->reason() == DriverLoadFailure::Reason::not_found ? ExitCode::not_found
                                                                  : ExitCode::failed;
  }
  if (is<RemoteError>(error)) return ExitCode::remote_error;
  if (is<MessageUndeliverable>(error) || is<MessageDeliveryFailure>(error) ||
      is<TransportDriverError>(error) || is<ClientSendError>(error) ||
      is<ServerListenError>(error)) {
    return ExitCode::unreachable;
  }
  if (is<InvalidTransportURL>(error) || is<ConfigurationError>(error) ||
      is<InvalidArgument>(error)) {
    return ExitCode::usage;
  }
  return ExitCode::failed;
}

ExitCode report(const std::exception& error) {
  note("error: " + text_of(error));
  return exit_code_of(error);
}

}  // namespace gantry::cli
