// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gantry/kit/mailbox.hpp"
#include "interrupt.hpp"
#include "session.hpp"
#include "settings.hpp"

namespace gantry::rabbit {

class HostAttempt;

// Finds the host of the URL that will have us. Hosts are tried in this connection's own order, each
// one when the one before has failed or has not answered for a moment, and the first that logs us
// in wins: one that is silent costs a fifth of a second, one that refuses nothing. Belongs to the
// connection's thread.
class Dialer {
 public:
  static constexpr std::chrono::milliseconds kHeadStart{200};

  Dialer(const Settings& settings, Interrupt& interrupt);
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  ~Dialer();  // ends the attempts that others have outrun

  // One pass. Null when the interrupt was raised. Throws AuthenticationFailed at once when a host
  // refuses the credentials, and when none passes for a broker of ours (TlsRefused, all of them);
  // else ConnectionLost when none would have us. Both name hosts and reasons.
  std::unique_ptr<Session> dial();

  // The session that `dial` gave is gone, so its host goes to the end of the line.
  void host_lost();

  // Whether a host that did not take the TCP connection in the last pass takes one now. It costs
  // that host next to nothing, so it can be asked more often than one may log in.
  bool knock();

 private:
  using Ended = Mailbox<HostAttempt*>;

  std::unique_ptr<Session> dial_one();
  std::unique_ptr<Session> dial_all();
  void ask(const Broker& broker, const std::shared_ptr<Ended>& ended);
  std::unique_ptr<Session> won(HostAttempt& attempt);
  void tell_once(const std::string& distrusted);
  void cut_attempts() noexcept;

  const Settings& settings_;
  Interrupt& interrupt_;
  std::minstd_rand random_;
  std::vector<Broker> line_;    // the one to try first in front
  std::vector<Broker> down_;    // did not even take the TCP connection in the last pass
  std::set<std::string> told_;  // why hosts are not trusted, as far as it was logged
  std::vector<std::unique_ptr<HostAttempt>> attempts_;  // of this pass, and those outrun before
};

}  // namespace gantry::rabbit
