// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

// That a message does not come again shows at the next one: after it nothing is left.
void check_nothing_but(Lab& lab, int n) {
  lab.bus.notify(lab.info, n);
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_number(), n, "the first that a new listener gets");
}

void requeued_comes_again(Lab& lab) {
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  lab.bus.notify(lab.info, 1);
  const auto first = listener.take();
  check(!first->facts().redelivered, "the first delivery is marked as a second");
  first->requeue();
  const auto again = listener.take();
  check_equal(number_of(again->message()), 1, "the message that comes again");
  check(again->facts().redelivered, "the second delivery is not marked");
  again->acknowledge();
}

void requeued_is_as_it_was(Lab& lab) {
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  lab.bus.notify(lab.info, 1);
  const auto first = listener.take();
  first->message().body["payload"] = "changed";
  first->requeue();
  check_equal(listener.take_number(), 1, "the message that comes again");
}

void acknowledged_stays_settled(Lab& lab) {
  {
    auto listener = lab.bus.listen(lab.infos());
    listener.start();
    lab.bus.notify(lab.info, 1);
    const auto message = listener.take();
    message->acknowledge();
    message->requeue();
  }
  check_nothing_but(lab, 2);
}

void requeued_stays_requeued(Lab& lab) {
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  lab.bus.notify(lab.info, 1);
  const auto message = listener.take();
  message->requeue();
  message->acknowledge();
  check_equal(listener.take_number(), 1, "the message that comes again");
}

void dropped_comes_again(Lab& lab) {
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  lab.bus.notify(lab.info, 1);
  listener.take().reset();
  check_equal(listener.take_number(), 1, "the message that was destroyed without being settled");
}

void other_pools_see_nothing(Lab& lab) {
  auto p1 = lab.bus.listen(lab.infos(), lab.topic + "_p1");
  auto p2 = lab.bus.listen(lab.infos(), lab.topic + "_p2");
  auto fallback = lab.bus.listen(lab.infos());
  for (auto* each : {&p1, &p2, &fallback}) each->start();
  lab.bus.notify(lab.info, 1);
  p1.take()->requeue();
  check_equal(p1.take_number(), 1, "the pool that requeued it");
  lab.bus.notify(lab.info, 2);
  for (auto* each : {&p2, &fallback}) check_equal(each->take_numbers(2), {1, 2}, "another pool");
}

void goes_to_another_listener(Lab& lab) {
  lab.bus.notify(lab.info, 1);
  auto one = lab.bus.listen(lab.infos());
  const auto message = one.start().take();
  one.listener().pause();
  auto two = lab.bus.listen(lab.infos());
  two.start();
  one.stop();
  message->requeue();
  check_equal(two.take_number(), 1, "what the listener that was stopped gave back");
}

void acknowledged_does_not_come_again(Lab& lab) {
  {
    auto listener = lab.bus.listen(lab.infos());
    listener.start();
    for (const int n : counted(5)) lab.bus.notify(lab.info, n);
    check_equal(listener.take_numbers(5), counted(5), "to the first listener");
  }
  check_nothing_but(lab, 5);
}

void settled_after_stop(Lab& lab) {
  {
    auto listener = lab.bus.listen(lab.infos());
    listener.start();
    lab.bus.notify(lab.info, 1);
    const auto message = listener.take();
    listener.stop();
    message->acknowledge();
  }
  check_nothing_but(lab, 2);
}

void settled_out_of_order(Lab& lab) {
  {
    auto listener = lab.bus.listen(lab.infos());
    listener.start();
    for (const int n : counted(3)) lab.bus.notify(lab.info, n);
    std::vector<std::unique_ptr<IncomingMessage>> messages;
    while (messages.size() < 3) messages.push_back(listener.take());
    std::jthread([&] { messages[2]->acknowledge(); }).join();
    messages[0]->acknowledge();
    messages[1]->acknowledge();
  }
  check_nothing_but(lab, 3);
}

void unsettled_outlives_its_transport(Lab& lab) {
  lab.bus.notify(lab.info, 1);
  {
    Bus gone(lab.setup);
    std::unique_ptr<IncomingMessage> lost;  // outlives the listener, so nothing settles it
    auto listener = gone.listen(lab.infos());
    lost = listener.start().take();
  }
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_number(), 1, "what a transport that is gone had not settled");
}

void message_outlives_its_listener(Lab& lab) {
  lab.bus.notify(lab.info, 1);
  std::unique_ptr<IncomingMessage> kept;
  {
    auto listener = lab.bus.listen(lab.infos());
    kept = listener.start().take();
  }
  kept->acknowledge();  // too late or not: it is harmless
  kept.reset();
  lab.bus.notify(lab.info, 2);
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  while (listener.take_number() != 2) {
  }
}

constexpr Case kCases[] = {
    {"MSG_3 what is requeued comes again, and says so",
     {kNotifications, kRequeue},
     requeued_comes_again},
    {"MSG_3 FAKE_11 what comes again is as it was sent",
     {kNotifications, kRequeue},
     requeued_is_as_it_was},
    {"MSG_9 an acknowledged message is not requeued any more",
     {kNotifications},
     acknowledged_stays_settled},
    {"MSG_9 a requeued message is not acknowledged any more",
     {kNotifications, kRequeue},
     requeued_stays_requeued},
    {"MSG_9 a message that is destroyed unsettled comes again",
     {kNotifications, kRequeue},
     dropped_comes_again},
    {"FAKE_16 what one pool requeues does not reach the others",
     {kRequeue, kPools},
     other_pools_see_nothing},
    {"MSG_3 what a stopped listener requeues goes to another",
     {kNotifications, kRequeue},
     goes_to_another_listener},
    {"MSG_2 what was acknowledged does not come to the next listener",
     {kNotifications},
     acknowledged_does_not_come_again},
    {"MSG_8 LSN_10 what is settled after the stop counts", {kNotifications}, settled_after_stop},
    {"MSG_8 messages are settled in any order, by any thread",
     {kNotifications},
     settled_out_of_order},
    {"LSN_14 what is not settled when its transport goes comes again",
     {kNotifications},
     unsettled_outlives_its_transport},
    {"MSG_2 a message outlives its listener and is settled without harm",
     {kNotifications},
     message_outlives_its_listener},
};

}  // namespace

Theme requeue() { return {"requeue", kCases}; }

}  // namespace gantry::conformance
