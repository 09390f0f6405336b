// SPDX-License-Identifier: Apache-2.0
#include "case.hpp"
#include "check.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

void each_pool_gets_a_copy(Lab& lab) {
  auto p1 = lab.bus.listen(lab.infos(), lab.topic + "_p1");
  auto p2 = lab.bus.listen(lab.infos(), lab.topic + "_p2");
  auto fallback = lab.bus.listen(lab.infos());
  for (auto* each : {&p1, &p2, &fallback}) each->start();
  for (const int n : counted(10)) lab.bus.notify(lab.info, n);
  for (auto* each : {&p1, &p2, &fallback}) {
    check_equal(each->take_numbers(10), counted(10), "the copies of one pool");
  }
}

void members_share(Lab& lab) {
  const auto pool = lab.topic + "_p";
  auto one = lab.bus.listen(lab.infos(), pool);
  auto two = lab.bus.listen(lab.infos(), pool);
  one.start();
  two.start();
  for (const int n : counted(40)) lab.bus.notify(lab.info, n);
  const auto all = [&] { return one.received() + two.received() >= 40; };
  check(comes_true(all, lab.setup), "notifications are missing");
  one.stop();
  two.stop();
  std::vector<int> seen(40);
  for (auto* member : {&one, &two}) {
    for (const int n : member->rest()) ++seen.at(static_cast<std::size_t>(n));
  }
  check_equal(seen, std::vector<int>(40, 1), "how often each came to the pool");
}

void pool_stores_for_absent_members(Lab& lab) {
  const auto pool = lab.topic + "_p";
  {
    auto member = lab.bus.listen(lab.infos(), pool);
    member.start();
    lab.bus.notify(lab.info, 1);
    check_equal(member.take_number(), 1, "to the first member");
  }
  lab.bus.notify(lab.info, 2);
  auto member = lab.bus.listen(lab.infos(), pool);
  check_equal(member.start().take_number(), 2, "what was sent while no member was there");
}

void default_group_stores_beside_pools(Lab& lab) {
  auto member = lab.bus.listen(lab.infos(), lab.topic + "_p");
  member.start();
  lab.bus.notify(lab.info, 1);
  check_equal(member.take_number(), 1, "to the pool");
  auto fallback = lab.bus.listen(lab.infos());
  check_equal(fallback.start().take_number(), 1, "to the default group, which had no listener");
}

void pool_takes_several_priorities(Lab& lab) {
  auto member = lab.bus.listen({{lab.at_topic, "info"}, {lab.at_topic, "error"}}, lab.topic + "_p");
  member.start();
  lab.bus.notify(lab.info, 1);
  check_equal(member.take_number(), 1, "of one priority");
  lab.bus.notify(lab.topic + ".error", 2);
  check_equal(member.take_number(), 2, "of the other priority");
}

void copies_settle_apart(Lab& lab) {
  auto p1 = lab.bus.listen(lab.infos(), lab.topic + "_p1");
  auto p2 = lab.bus.listen(lab.infos(), lab.topic + "_p2");
  p1.start();
  p2.start();
  lab.bus.notify(lab.info, 1);
  const auto kept = p1.take();
  check_equal(p2.take_number(), 1, "the other pool's copy");
  lab.bus.notify(lab.info, 2);
  check_equal(p2.take_number(), 2, "the other pool's next");
  kept->acknowledge();
  check_equal(p1.take_number(), 2, "the first pool's next");
}

constexpr Case kCases[] = {
    {"DRV_15 each pool and the default group get a copy",
     {kNotifications, kPools},
     each_pool_gets_a_copy},
    {"DRV_15 NLSN_8 members of a pool share its notifications",
     {kNotifications, kPools},
     members_share},
    {"NLSN_8 a pool stores what comes while no member is there",
     {kNotifications, kPools},
     pool_stores_for_absent_members},
    {"NLSN_9 the default group stores beside the pools",
     {kNotifications, kPools},
     default_group_stores_beside_pools},
    {"DRV_14 a pool takes several priorities",
     {kNotifications, kPools},
     pool_takes_several_priorities},
    {"DRV_15 the pools' copies are settled apart", {kNotifications, kPools}, copies_settle_apart},
};

}  // namespace

Theme pools() { return {"pools", kCases}; }

}  // namespace gantry::conformance
