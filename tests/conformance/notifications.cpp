// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

void stored_for_the_first_listener(Lab& lab) {
  lab.bus.notify(lab.info, 1);
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_number(), 1, "what was sent before there was a listener");
}

void stored_when_the_sender_is_gone(Lab& lab) {
  { Bus(lab.setup).notify(lab.info, 1); }
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_number(), 1, "what was sent by a transport that is closed");
}

void stored_while_the_listener_is_away(Lab& lab) {
  {
    auto listener = lab.bus.listen(lab.infos());
    listener.start();
    lab.bus.notify(lab.info, 1);
    check_equal(listener.take_number(), 1, "to the first listener");
  }
  lab.bus.notify(lab.info, 2);
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_number(), 2, "what was sent between two listeners");
}

void both_formats(Lab& lab) {
  lab.bus.notify({.topic = lab.info}, notification(1), Envelope::v1);
  lab.bus.notify({.topic = lab.info}, notification(2), Envelope::v2);
  auto listener = lab.bus.listen(lab.infos());
  check_equal(listener.start().take_numbers(2), {1, 2}, "in both formats");
}

void only_subscribed_priorities(Lab& lab) {
  auto listener = lab.bus.listen({{lab.at_topic, "info"}, {lab.at_topic, "warn"}});
  listener.start();
  lab.bus.notify(lab.topic + ".error", 1);
  lab.bus.notify(lab.topic + ".warn", 2);
  check_equal(listener.take_number(), 2, "the first that arrives");
  lab.bus.notify(lab.info, 3);
  check_equal(listener.take_number(), 3, "the next that arrives");
}

void several_topics(Lab& lab) {
  const auto second = fresh_name();
  auto listener = lab.bus.listen({{lab.at_topic, "info"}, {{.topic = second}, "info"}});
  listener.start();
  lab.bus.notify(lab.info, 1);
  check_equal(listener.take_number(), 1, "the first topic's");
  lab.bus.notify(second + ".info", 2);
  check_equal(listener.take_number(), 2, "the second topic's");
}

void only_exchange_and_topic_count(Lab& lab) {
  auto listener =
      lab.bus.listen({{{.topic = lab.topic, .server = "ignored", .fanout = true}, "info"}});
  listener.start();
  lab.bus.notify({.topic = lab.info, .server = "another"}, notification(1));
  lab.bus.notify({.topic = lab.info, .fanout = true}, notification(2));
  check_equal(listener.take_numbers(2), {1, 2}, "whatever server and fanout");
}

void named_exchange(Lab& lab) {
  const auto exchange = fresh_name();
  auto listener = lab.bus.listen({{{.exchange = exchange, .topic = lab.topic}, "info"}});
  listener.start();
  lab.bus.notify({.exchange = exchange, .topic = lab.info}, notification(1));
  check_equal(listener.take_number(), 1, "through an exchange of its own");
}

void arrives_whole(Lab& lab) {
  auto message = notification(1);
  message.body["payload"] = {{"n", 1}, {"text", "ü😀"}, {"list", {1, nullptr, 0.1}}};
  message.context = {{"user", "ada"}, {"msg_id", "mine"}};
  lab.bus.notify({.topic = lab.info}, message);
  auto listener = lab.bus.listen(lab.infos());
  const auto received = listener.start().take();
  check_equal(Value(received->message().body), Value(message.body), "the body");
  check_equal(Value(received->message().context), Value(message.context), "the context");
  check(!received->facts().wants_reply, "a notification says that it wants a reply");
  check(!received->facts().redelivered, "a notification says that it comes again");
  received->reply("nobody waits");
  received->heartbeat();
  received->acknowledge();
}

void payloads_of_all_kinds(Lab& lab) {
  auto listener = lab.bus.listen(lab.infos());
  listener.start();
  for (const Value& payload : {Value(nullptr), Value(1), Value("text"), Value(Array{1, "two"})}) {
    auto message = notification(1);
    message.body["payload"] = payload;
    lab.bus.notify({.topic = lab.info}, message);
    const auto received = listener.take();
    check_equal(received->message().body.at("payload"), payload, "the payload");
    received->acknowledge();
  }
}

void big_notification(Lab& lab) {
  auto message = notification(1);
  message.body["payload"] = std::string(1 << 18, 'x');
  lab.bus.notify({.topic = lab.info}, message);
  auto listener = lab.bus.listen(lab.infos());
  const auto received = listener.start().take();
  check(received->message().body == message.body, "a payload of 256 KiB did not arrive whole");
  received->acknowledge();
}

void headers_arrive(Lab& lab) {
  auto message = notification(1);
  message.headers = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
  lab.bus.notify({.topic = lab.info}, message);
  auto listener = lab.bus.listen(lab.infos());
  const auto received = listener.start().take();
  received->acknowledge();
  check(received->message().headers == message.headers, "the headers did not arrive");
}

void listeners_compete(Lab& lab) {
  auto one = lab.bus.listen(lab.infos());
  auto two = lab.bus.listen(lab.infos());
  std::mutex mutex;
  std::vector<int> seen(40);
  const auto count = [&](IncomingMessage& message) {
    message.acknowledge();
    const std::lock_guard lock(mutex);
    ++seen.at(static_cast<std::size_t>(number_of(message.message())));
  };
  one.start(count);
  two.start(count);
  for (const int n : counted(seen.size())) lab.bus.notify(lab.info, n);
  const auto all = [&] { return one.received() + two.received() >= seen.size(); };
  check(comes_true(all, lab.setup), "notifications are missing");
  one.stop();
  two.stop();
  const std::lock_guard lock(mutex);
  check_equal(seen, std::vector<int>(seen.size(), 1), "how often each came");
}

constexpr Case kCases[] = {
    {"DRV_12 a notification waits for its first listener",
     {kNotifications},
     stored_for_the_first_listener},
    {"DRV_12 a notification outlives the transport that sent it",
     {kNotifications},
     stored_when_the_sender_is_gone},
    {"DRV_12 NLSN_8 a notification waits while its listener is away",
     {kNotifications},
     stored_while_the_listener_is_away},
    {"DRV_13 both formats arrive", {kNotifications}, both_formats},
    {"DRV_14 only the subscribed priorities arrive", {kNotifications}, only_subscribed_priorities},
    {"NLSN_10 a listener takes several topics", {kNotifications}, several_topics},
    {"DRV_13 DRV_14 of a target only exchange and topic count",
     {kNotifications},
     only_exchange_and_topic_count},
    {"NLSN_10 a notification goes through a named exchange", {kNotifications}, named_exchange},
    {"MSG_10 a notification arrives whole and wants no reply", {kNotifications}, arrives_whole},
    {"NTF_2 payloads of all kinds arrive", {kNotifications}, payloads_of_all_kinds},
    {"NTF_2 a payload of 256 KiB arrives whole", {kNotifications}, big_notification},
    {"MSG_10 a notification's headers arrive", {kNotifications}, headers_arrive},
    {"DRV_15 listeners of the default pool share its notifications",
     {kNotifications},
     listeners_compete},
};

}  // namespace

Theme notifications() { return {"notifications", kCases}; }

}  // namespace gantry::conformance
