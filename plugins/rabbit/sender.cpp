// SPDX-License-Identifier: Apache-2.0
#include "sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "gantry/log.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kElection{100};  // of a quorum queue's leader, more or less
constexpr milliseconds kChannelLife{300};

std::exception_ptr closed_error() {
  return std::make_exception_ptr(TransportClosed("the transport was closed"));
}

std::string declaration_key(const Publish::Content& content) {
  const auto& [exchange, queue, binding_key] = content.destination;
  if (content.needs == Publish::Needs::exchange) return 'x' + exchange.name;
  return 'q' + queue.name + '\0' + exchange.name;
}

milliseconds expiration_of(const Publish::Content& content) {
  if (!content.expires || content.deadline.is_never()) return {};
  const auto left = std::chrono::duration_cast<milliseconds>(content.deadline.remaining());
  return std::max(left, milliseconds(1));
}

}  // namespace

Sender::Sender(const Settings& settings, std::function<void(Sender&)> has_room,
               const std::stop_token& stopping)
    : has_room_(std::move(has_room)),
      connection_(settings, *this),
      on_stopping_(stopping, [this] { connection_.begin_stop(); }) {}

Sender::~Sender() { connection_.stop(); }

void Sender::hand_over(const PublishPtr& publish) {
  if (++taken_ >= kWindow) was_full_ = true;
  if (publish_here(publish)) return;
  if (!connection_.post([this, publish] { take(publish); })) {
    --taken_;
    publish->end(Fate::closed, closed_error());
  }
}

// Spares a lone caller the way over the connection's thread. With several under way that thread is
// at it anyway, and writes what has gathered in one go.
bool Sender::publish_here(const PublishPtr& publish) {
  constexpr std::size_t few = 4;
  constexpr std::size_t small = 4096;  // what a socket that can be written takes without waiting
  if (publish->content().body.size() > small) return false;
  return connection_.run_here([&](Session& session) {
    if (blocked_ || draining_ || !waiting_.empty() || confirms_.open() >= few) return false;
    if (!is_declared(publish->content()) || publish->over() || !session.can_write()) return false;
    publish->reach(Stage::connected);
    this->publish(session, publish);
    return true;
  });
}

// The attempt to connect that has just failed counts for what comes in while others wait for the
// next.
void Sender::take(PublishPtr publish) {
  if (blocked_) publish->reach(Stage::blocked);
  if (last_failure_ && !publish->another_attempt())
    return finish(*publish, Fate::not_sent, not_sent_error(*publish, last_failure_));
  waiting_.push_back(std::move(publish));
}

void Sender::opened(Session& session) {
  declared_.clear();
  declaring_ = false;
  blocked_ = false;
  last_failure_ = nullptr;
  begin_channel(session);
  for (const auto& publish : waiting_) publish->reach(Stage::connected);
}

Deadline Sender::due() const {
  constexpr milliseconds look_again{1000};  // whether anybody waits for what fills the window
  return std::min({later_.empty() ? never : later_.front().at, draining_ ? drained_by_ : never,
                   full() ? Deadline::after(look_again) : never});
}

void Sender::turn(Session& session) {
  for (; !later_.empty() && later_.front().at.expired(); later_.pop_front())
    waiting_.push_back(std::move(later_.front().publish));
  if (blocked_) return drop_expired();
  if (refused_) renew_channel(session);
  if (full() && confirms_.open() > 0 && !confirms_.wanted()) replace_channel(session);
  if (waiting_.empty() || draining_) return;
  std::optional<Cork> cork;
  while (!waiting_.empty() && confirms_.open() < kWindow && !blocked_) {
    const auto next = waiting_.front();
    if (!is_declared(next->content())) cork.reset();  // it would hold back what is to be answered
    const bool wanted = ready(session, next);  // where the session is lost, it stays the first
    waiting_.pop_front();
    if (!wanted) continue;
    if (!cork && !waiting_.empty()) cork.emplace(session.socket());
    publish(session, next);
  }
}

// While nothing is taken off the line, so that it does not fill with what nobody waits for.
void Sender::drop_expired() {
  for (auto& publish : std::exchange(waiting_, {})) {
    if (publish->over()) {
      publish->expire();
      left();
    } else {
      waiting_.push_back(std::move(publish));
    }
  }
}

// The broker keeps with a channel where it found the leader of a quorum queue, and refuses whatever
// comes over it for that queue while it takes a node that is gone for that leader: also when
// another leads it long since. A new channel looks again. What is under way on this one ends first;
// where that takes long, other queues do not wait for it.
void Sender::renew_channel(Session& session) {
  if (draining_ && drained_by_.expired()) draining_ = false;
  if (renewable_from_.expired()) {
    draining_ = true;
    drained_by_ = Deadline::after(kElection);
    renewable_from_ = Deadline::after(kChannelLife);
  }
  if (draining_ && confirms_.open() == 0) replace_channel(session);
}

// A queue that has lost its majority neither takes nor refuses, so what goes to it fills the window
// for good: nobody waits any more for what is left on the channel then.
void Sender::replace_channel(Session& session) {
  session.close_channel(Session::kMessages);
  session.read(*this);  // what came before the end, and counts by the old tags
  for (const auto& publish : confirms_.reset()) {
    publish->expire();
    left();
  }
  session.open_channel(Session::kMessages);
  begin_channel(session);
}

void Sender::begin_channel(Session& session) {
  session.select_confirms();
  refused_ = draining_ = false;
}

// Whether it is still wanted and what it needs exists.
bool Sender::ready(Session& session, const PublishPtr& publish) {
  if (publish->over()) {
    publish->expire();
    left();
    return false;
  }
  publish->reach(Stage::connected);
  try {
    declare(session, *publish);
    return true;
  } catch (const ChannelClosed& closed) {
    declaring_ = false;
    // Not found is what went between two of our declarations.
    if (closed.not_found() && publish->another_mend()) {
      waiting_.push_back(publish);
    } else {
      finish(*publish, Fate::rejected, refused_error(*publish, closed));
    }
    return false;
  }
}

// Once a session and name. On a channel of its own: a clash closes the channel, and with it would
// go the confirms of all that is under way.
void Sender::declare(Session& session, const Publish& publish) {
  const auto& content = publish.content();
  if (is_declared(content)) return;
  const auto& destination = content.destination;
  if (!std::exchange(declaring_, true)) session.open_channel(Session::kDeclarations);
  if (content.needs == Publish::Needs::queue) {
    session.declare(destination, Session::kDeclarations);
  } else {
    session.declare(destination.exchange, Session::kDeclarations);
  }
  declared_.insert(declaration_key(content));
}

bool Sender::is_declared(const Publish::Content& content) const {
  return content.needs == Publish::Needs::nothing || declared_.contains(declaration_key(content));
}

void Sender::publish(Session& session, const PublishPtr& publish) {
  const auto& content = publish->content();
  try {
    session.publish({.exchange = content.exchange,
                     .routing_key = content.routing_key,
                     .body = content.body,
                     .message_id = content.mandatory ? content.unique_id : std::string_view(),
                     .mandatory = content.mandatory,
                     .expiration = expiration_of(content),
                     .headers = content.headers,
                     .deadline = content.deadline},
                    *this);
  } catch (const ChannelClosed& closed) {  // the broker may mean this one or one before it
    if (publish->another_mend()) {
      waiting_.push_front(publish);
    } else {
      finish(*publish, Fate::rejected, refused_error(*publish, closed));
    }
    throw;
  } catch (const std::exception&) {  // the session is given up
    unwritten_ = publish;
    throw;
  }
  publish->reach(Stage::sent);
  confirms_.published(publish);
}

void Sender::on_confirm(const Confirm& confirm) {
  confirms_.settle(confirm, [this](const Confirms::Unconfirmed& entry, bool accepted) {
    confirmed(entry, accepted);
  });
}

void Sender::confirmed(const Confirms::Unconfirmed& entry, bool accepted) {
  const auto& publish = entry.publish;
  if (!accepted) return nacked(publish);
  if (!entry.returned) {
    publish->reach(Stage::confirmed);
    return finish(*publish, Fate::accepted);
  }
  const auto error = returned_error(*publish, *entry.returned);
  if (publish->content().needs != Publish::Needs::queue)
    return finish(*publish, Fate::returned, error);
  // Its queue was deleted after we had declared it: it is stored nowhere, so this is no duplicate.
  declared_.clear();
  mend(publish, Fate::returned, error);
}

// A quorum queue refuses what comes while it has no leader, for as long as an election takes. Of
// several queues another may have taken it.
void Sender::nacked(const PublishPtr& publish) {
  refused_ = true;
  const auto& content = publish->content();
  const bool again = content.one_queue || content.on_doubt == OnDoubt::resend;
  if (again && !publish->over() && publish->another_attempt()) {
    later_.push_back({Deadline::after(kElection), publish});
  } else {
    finish(*publish, Fate::rejected, rejected_error(*publish));
  }
}

void Sender::attempt_failed(const std::exception_ptr& error, bool final) {
  last_failure_ = final ? nullptr : error;
  for (auto& publish : std::exchange(waiting_, {})) {
    if (final) {
      finish(*publish, Fate::rejected, error);
    } else if (publish->over() || !publish->another_attempt()) {
      finish(*publish, Fate::not_sent, not_sent_error(*publish, error));
    } else {
      waiting_.push_back(publish);
    }
  }
  if (waiting_.empty()) last_failure_ = nullptr;  // no attempt follows before the next one comes
}

void Sender::lost(const std::exception_ptr& error) {
  // Not written to its end, so it cannot have been taken.
  if (const auto publish = std::exchange(unwritten_, {})) {
    if (publish->another_attempt()) {
      waiting_.push_front(publish);
    } else {
      finish(*publish, Fate::not_sent, not_sent_error(*publish, error));
    }
  }
  doubt(confirms_.reset(), error);
  for (auto& again : std::exchange(later_, {})) waiting_.push_back(std::move(again.publish));
}

// What is sent again goes before what was never sent. Its bytes are the same: a receiver that has
// it already knows its id.
void Sender::doubt(const std::vector<PublishPtr>& written, const std::exception_ptr& error) {
  std::vector<PublishPtr> again;
  for (const auto& publish : written) {
    const bool resend = publish->content().on_doubt == OnDoubt::resend && !publish->over();
    if (resend && publish->another_attempt()) {
      again.push_back(publish);
    } else {
      finish(*publish, Fate::in_doubt, in_doubt_error(*publish, error));
    }
  }
  waiting_.insert(waiting_.begin(), again.begin(), again.end());
}

// What was published is settled before the channel is opened again, which may fail.
void Sender::channel_closed(Session& session, const ChannelClosed& closed) {
  declared_.clear();
  declaring_ = declaring_ && closed.channel() != Session::kDeclarations;
  if (closed.channel() != Session::kMessages) return;
  settle(confirms_.reset(), closed);
  session.open_channel(Session::kMessages);
  begin_channel(session);
}

// The broker closes the channel at a publish to an exchange that is gone, or that the user may not
// write to, or of a message that is too long; no further attempt changes the latter two. It had
// taken all that was published before that one and none after it, but it does not say which one it
// was. Of those that are as long as it says, the first. Else the only one to that exchange when
// there is but one, and of more those between the first and the last are in doubt.
void Sender::settle(const std::vector<PublishPtr>& open, const ChannelClosed& closed) {
  const auto too_long = closed.too_long();
  const auto culprit = [&](const PublishPtr& publish) {
    const auto& content = publish->content();
    if (too_long) return content.body.size() >= *too_long;
    const auto quoted = fmt::format("'{}'", content.exchange);
    return std::string_view(closed.what()).find(quoted) != std::string_view::npos;
  };
  const auto first = std::ranges::find_if(open, culprit);
  const auto last = std::find_if(open.rbegin(), std::reverse_iterator(first), culprit).base();
  const bool known =
      too_long || ((closed.not_found() || closed.access_refused()) && last - first == 1);
  const auto not_taken = known ? first : last;
  doubt({open.begin(), not_taken}, std::make_exception_ptr(closed));
  for (auto publish = not_taken; publish != open.end(); ++publish) {
    const auto error = refused_error(**publish, closed);
    const bool for_good =
        too_long ? culprit(*publish) : publish == first && closed.access_refused();
    if (for_good) {
      finish(**publish, Fate::rejected, error);
    } else {
      mend(*publish, Fate::rejected, error);
    }
  }
}

void Sender::closed() {
  lost(closed_error());
  for (const auto& publish : std::exchange(waiting_, {}))
    finish(*publish, Fate::closed, closed_error());
}

void Sender::on_blocked(const std::string& reason) {
  blocked_ = true;
  draining_ = false;  // a broker that reads nothing does not close a channel either
  for (const auto& publish : waiting_) publish->reach(Stage::blocked);
  log(LogLevel::warning,
      fmt::format("rabbit: the broker takes no messages for now: {}", printable(reason)));
}

void Sender::on_unblocked() {
  blocked_ = false;
  log(LogLevel::info, "rabbit: the broker takes messages again");
}

// Sends again, with its declarations, what the broker certainly does not have.
void Sender::mend(const PublishPtr& publish, Fate fate, const std::exception_ptr& error) {
  if (publish->over() || !publish->another_mend()) return finish(*publish, fate, error);
  waiting_.push_back(publish);
}

void Sender::finish(Publish& publish, Fate fate, const std::exception_ptr& error) {
  publish.end(fate, error);
  left();
}

void Sender::left() {
  if (--taken_ <= kWindow / 2 && was_full_.exchange(false)) has_room_(*this);
}

}  // namespace gantry::rabbit
