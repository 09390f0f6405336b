// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "interrupt.hpp"
#include "session.hpp"
#include "settings.hpp"
#include "thread.hpp"

namespace gantry::rabbit {

// An attempt to log in at one host. Its results are there once `run` is over.
struct LogIn {
  std::unique_ptr<Session> session{};
  std::exception_ptr error{};  // with the host in front
  bool refused = false;        // the credentials: no further attempt can succeed
  bool distrusted = false;     // its TLS: no further attempt at this host can
  bool down = false;           // not even TCP

  static LogIn run(const Broker& broker, const Settings& settings, Interrupt& interrupt) noexcept;
};

// The same on a thread of its own, so that several can be under way. Destroyed, it is cut off.
class HostAttempt {
 public:
  // `ended` is called by the attempt's thread as its last act. The settings are borrowed.
  HostAttempt(Broker broker, const Settings& settings, std::function<void(HostAttempt&)> ended);
  ~HostAttempt();

  const Broker& broker() const noexcept { return broker_; }
  void cut() noexcept { interrupt_.cut(); }
  bool over() const { return thread_.ended(Deadline::after({})); }
  LogIn& result() noexcept { return result_; }  // after `ended` was called

 private:
  const Broker broker_;
  Interrupt interrupt_;
  LogIn result_;
  BigStackThread thread_;  // last: it uses all of the above
};

}  // namespace gantry::rabbit
