// SPDX-License-Identifier: Apache-2.0
#include "host_attempt.hpp"

#include <fmt/format.h>

#include <utility>

#include "fault.hpp"
#include "tls_fault.hpp"

namespace gantry::rabbit {

LogIn LogIn::run(const Broker& broker, const Settings& settings, Interrupt& interrupt) noexcept {
  LogIn login{.down = true};
  const auto text = [&](const std::exception& error) {
    return fmt::format("{}: {}", broker.name(), error.what());
  };
  try {
    auto socket = Session::reach(broker, settings, interrupt);
    login.down = false;
    login.session = std::make_unique<Session>(std::move(socket), broker, settings, interrupt);
  } catch (const TlsRefused& distrusted) {
    login.distrusted = true;
    login.error = std::make_exception_ptr(AuthenticationFailed(text(distrusted)));
  } catch (const AuthenticationFailed& refused) {
    login.refused = true;
    login.error = std::make_exception_ptr(AuthenticationFailed(text(refused)));
  } catch (const std::exception& lost) {
    login.error = std::make_exception_ptr(ConnectionLost(text(lost)));
  }
  return login;
}

HostAttempt::HostAttempt(Broker broker, const Settings& settings,
                         std::function<void(HostAttempt&)> ended)
    : broker_(std::move(broker)), thread_([this, &settings, ended = std::move(ended)] {
        result_ = LogIn::run(broker_, settings, interrupt_);
        ended(*this);
      }) {}

HostAttempt::~HostAttempt() { cut(); }

}  // namespace gantry::rabbit
