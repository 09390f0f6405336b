// SPDX-License-Identifier: Apache-2.0
#include "publisher.hpp"

#include <string>
#include <utility>

#include "gantry/error.hpp"

namespace gantry::fake {
namespace {

[[noreturn]] void throw_not_sent() {
  throw MessageDeliveryFailure("the message was not sent: the option 'fail_send' asks for this");
}

[[noreturn]] void throw_in_doubt(const std::string& id) {
  throw MessageInDoubt("the connection was lost before the message " + id +
                           " was confirmed: the option 'disconnect' asks for this",
                       id);
}

}  // namespace

// `accept` throws what the sender has to know; `arrive` runs later where there is a latency.
template <class Accept, class Arrive>
void Publisher::send(Delivery&& delivery, Timeline* timeline, Accept accept, Arrive arrive) const {
  using Operation = Faults::Operation;
  const auto parcel = delivery.parcel;
  const auto operation = faults_->next_operation();
  if (operation == Operation::not_sent) throw_not_sent();
  reach(timeline, Stage::sent);
  if (operation == Operation::in_doubt_and_lost) throw_in_doubt(parcel->id);
  accept();
  const auto fate = faults_->next_message();
  if (operation == Operation::accepted) reach(timeline, Stage::confirmed);
  delivery.twice = fate.twice;
  delivery.repeats = fate.twice;
  delivery.overtakes = fate.overtakes;
  delivery.caller_waits = false;  // it may be the timer's thread on which it arrives
  if (!fate.lost) {
    // Shared only because what arrives has to be copyable.
    auto arriving = std::make_shared<Delivery>(std::move(delivery));
    faults_->line().send([=] { arrive(std::move(*arriving)); });
  }
  if (operation == Operation::in_doubt_but_taken) throw_in_doubt(parcel->id);
}

void Publisher::publish(const Address& address, Delivery&& delivery, bool mandatory,
                        Timeline* timeline) const {
  if (!faults_) return broker_.publish(address, std::move(delivery), mandatory, timeline);
  send(
      std::move(delivery), timeline,
      [&] {
        if (mandatory) broker_.require_queue(address);
      },
      [&broker = broker_, address](Delivery&& arrived) {
        broker.publish(address, std::move(arrived), false, nullptr);
      });
}

void Publisher::store(const Address& topic, Delivery&& delivery, Timeline* timeline) const {
  if (!faults_) return broker_.store(topic, std::move(delivery), timeline);
  send(
      std::move(delivery), timeline, [] {},
      [&broker = broker_, topic](Delivery&& arrived) {
        broker.store(topic, std::move(arrived), nullptr);
      });
}

}  // namespace gantry::fake
