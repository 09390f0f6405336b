// SPDX-License-Identifier: Apache-2.0
#include "dialer.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "fault.hpp"
#include "gantry/log.hpp"
#include "host_attempt.hpp"
#include "poll_limit.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kKnockLimit{100};

// Until it is readable, or the deadline, or a stop.
void wait(int fd, const Interrupt& interrupt, Deadline deadline) {
  pollfd waits[] = {{fd, POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
  ::poll(waits, std::size(waits), poll_limit(deadline));
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

Dialer::Dialer(const Settings& settings, Interrupt& interrupt)
    : settings_(settings),
      interrupt_(interrupt),
      random_(std::random_device()()),
      line_(settings.brokers) {
  std::ranges::shuffle(line_, random_);
}

Dialer::~Dialer() = default;

std::unique_ptr<Session> Dialer::dial() {
  down_.clear();
  std::erase_if(attempts_, [](const auto& outrun) { return outrun->over(); });
  return line_.size() == 1 ? dial_one() : dial_all();
}

std::unique_ptr<Session> Dialer::dial_one() {
  auto login = LogIn::run(line_.front(), settings_, interrupt_);
  if (login.session) return std::move(login.session);
  if (interrupt_.raised()) return nullptr;
  if (login.down) down_ = line_;
  std::rethrow_exception(login.error);
}

std::unique_ptr<Session> Dialer::dial_all() {
  // Shared with the attempts: one that was outrun may end long after this pass.
  const auto ended = std::make_shared<Ended>();
  std::vector<std::string> reasons;
  bool trusted = false;  // one of them was a broker of ours, as far as TLS tells
  Deadline head_start = never;
  for (std::size_t asked = 0; reasons.size() < line_.size();) {
    if (asked < line_.size() && (asked == reasons.size() || head_start.expired())) {
      ask(line_[asked++], ended);
      head_start = Deadline::after(kHeadStart);
    }
    wait(ended->fd(), interrupt_, asked < line_.size() ? head_start : never);
    if (interrupt_.raised()) return cut_attempts(), nullptr;
    for (auto* const attempt : ended->take()) {
      auto& login = attempt->result();
      if (login.session) return won(*attempt);
      if (login.down) down_.push_back(attempt->broker());
      if (login.refused) cut_attempts();
      if (login.refused) std::rethrow_exception(login.error);
      reasons.push_back(text_of(login.error));
      if (login.distrusted) tell_once(reasons.back());
      trusted = trusted || !login.distrusted;
    }
  }
  if (settings_.shuffle_hosts) std::ranges::shuffle(line_, random_);
  const auto all = fmt::format("{}", fmt::join(reasons, "; "));
  if (!trusted) throw AuthenticationFailed(all);
  throw ConnectionLost(all);
}

// A host that another stands in for would not be heard of otherwise.
void Dialer::tell_once(const std::string& distrusted) {
  if (told_.insert(distrusted).second)
    log(LogLevel::warning, fmt::format("rabbit: passed over: {}", distrusted));
}

void Dialer::ask(const Broker& broker, const std::shared_ptr<Ended>& ended) {
  attempts_.push_back(std::make_unique<HostAttempt>(
      broker, settings_, [ended](HostAttempt& attempt) { ended->post(&attempt); }));
}

std::unique_ptr<Session> Dialer::won(HostAttempt& attempt) {
  auto session = std::move(attempt.result().session);
  session->watch(interrupt_);
  const auto winner = std::ranges::find(line_, session->peer(), &Broker::name);
  std::ranges::rotate(line_, winner);
  cut_attempts();
  return session;
}

void Dialer::cut_attempts() noexcept {
  for (const auto& attempt : attempts_) attempt->cut();
}

void Dialer::host_lost() {
  std::ranges::rotate(line_, line_.begin() + 1);
  if (settings_.shuffle_hosts) std::shuffle(line_.begin(), line_.end() - 1, random_);
}

bool Dialer::knock() {
  return std::ranges::any_of(down_, [this](const Broker& broker) {
    try {
      Session::reach(broker, settings_, interrupt_, kKnockLimit);
      return true;
    } catch (const std::exception&) {
      return false;
    }
  });
}

}  // namespace gantry::rabbit
