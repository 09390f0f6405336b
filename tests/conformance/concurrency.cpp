// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>

#include "case.hpp"
#include "check.hpp"
#include "gantry/error.hpp"
#include "lab.hpp"

namespace gantry::conformance {
namespace {

using namespace std::chrono_literals;

// Runs `work(thread)` on several threads; what one of them throws fails the case.
template <class Work>
void on_threads(int threads, Work work) {
  std::vector<std::future<void>> running;
  for (int t = 0; t < threads; ++t) {
    running.push_back(std::async(std::launch::async, [&work, t] { work(t); }));
  }
  for (auto& each : running) each.wait();
  for (auto& each : running) each.get();
}

void callers_get_their_own_answers(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  on_threads(8, [&](int t) {
    for (int i = 0; i < 50; ++i) {
      const int n = t * 50 + i;
      check_equal(lab.bus.call(lab.at_topic, request(n)), Value{{"n", n}}, "the answer");
    }
  });
}

void many_calls_at_once(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  std::vector<std::future<Outcome<Value>>> calls;
  for (const int n : counted(500)) {
    calls.push_back(lab.bus.start_call(lab.at_topic, request(n), lab.bus.patient()));
  }
  for (const int n : counted(500)) {
    check_equal(result_of(calls[static_cast<std::size_t>(n)], lab.setup), Value{{"n", n}},
                "the answer");
  }
}

void many_casts_at_once(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  on_threads(4, [&](int t) {
    for (int i = 0; i < 50; ++i) lab.bus.cast(lab.at_topic, t * 50 + i);
  });
  auto numbers = node.take_numbers(200);
  std::sort(numbers.begin(), numbers.end());
  check_equal(numbers, counted(200), "casts of four threads");
}

void many_notifications_at_once(Lab& lab) {
  on_threads(4, [&](int t) {
    for (int i = 0; i < 25; ++i) lab.bus.notify(lab.info, t * 25 + i);
  });
  auto listener = lab.bus.listen(lab.infos());
  auto numbers = listener.start().take_numbers(100);
  std::sort(numbers.begin(), numbers.end());
  check_equal(numbers, counted(100), "notifications of four threads");
}

void completion_calls_again(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  auto second = std::make_shared<std::promise<Outcome<Value>>>();
  auto ended = second->get_future();
  auto& transport = lab.bus.transport();
  const auto options = lab.bus.patient();
  transport.call(lab.at_topic, request(1), options, Completion<Value>([&, second](Outcome<Value>) {
                   transport.call(lab.at_topic, request(2), options,
                                  Completion<Value>([second](Outcome<Value> outcome) {
                                    second->set_value(std::move(outcome));
                                  }));
                 }));
  check_equal(result_of(ended, lab.setup), {{"n", 2}}, "the call that a completion has made");
}

void callback_sends(Lab& lab) {
  auto last = lab.bus.serve(lab.server("last"));
  auto first = lab.bus.serve(lab.server("first"));
  last.start();
  first.start([&](IncomingMessage& message) {
    lab.bus.transport().send(lab.server("last"), message.message(), lab.bus.patient(),
                             Completion<void>([](const Outcome<void>&) {}));
  });
  for (const int n : counted(10)) lab.bus.cast(lab.server("first"), n);
  auto numbers = last.take_numbers(10);
  std::sort(numbers.begin(), numbers.end());
  check_equal(numbers, counted(10), "what was sent on from the listener's function");
}

void replies_from_many_threads(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.start();
  std::vector<std::future<Outcome<Value>>> calls;
  for (const int n : counted(40)) {
    calls.push_back(lab.bus.start_call(lab.at_topic, request(n), lab.bus.patient()));
  }
  std::mutex mutex;
  on_threads(4, [&](int) {
    for (int i = 0; i < 10; ++i) {
      std::unique_lock lock(mutex);
      const auto message = node.take();
      lock.unlock();
      message->reply(number_of(message->message()));
    }
  });
  for (const int n : counted(40)) {
    check_equal(result_of(calls[static_cast<std::size_t>(n)], lab.setup), Value(n), "the answer");
  }
}

void listeners_come_and_go(Lab& lab) {
  auto node = lab.bus.serve(lab.server("stays"));
  node.answer();
  on_threads(3, [&](int t) {
    for (int i = 0; i < 5; ++i) {
      auto passing = lab.bus.serve(lab.server("s" + std::to_string(t)));
      passing.answer();
      check_equal(lab.bus.call(lab.server("stays"), request(i)), Value{{"n", i}}, "the answer");
    }
  });
}

// Each call ends, one way or the other.
void closing_under_load(Lab& lab) {
  auto node = lab.bus.serve(lab.server("a"));
  node.answer();
  Bus client(lab.setup);
  std::atomic<int> answered = 0;
  std::promise<void> some;
  auto running = std::async(std::launch::async, [&] {
    on_threads(4, [&](int t) {
      try {
        while (true) {
          check_equal(client.call(lab.at_topic, request(t)), Value{{"n", t}}, "the answer");
          if (++answered == 20) some.set_value();
        }
      } catch (const TransportClosed&) {
      }
    });
  });
  const bool began = some.get_future().wait_for(lab.scaled(30s)) == std::future_status::ready;
  client.transport().close();
  running.get();
  check(began, "the calls did not get going");
}

constexpr Case kCases[] = {
    {"CLI_22 DRV_22 callers on eight threads get their own answers",
     {kRpc},
     callers_get_their_own_answers},
    {"RPLY_3 500 calls at once get their own answers", {kRpc}, many_calls_at_once},
    {"DRV_22 casts of four threads all arrive once", {kRpc}, many_casts_at_once},
    {"DRV_22 NTF_15 notifications of four threads all arrive once",
     {kNotifications},
     many_notifications_at_once},
    {"DRV_22 a completion may call again", {kRpc}, completion_calls_again},
    {"DRV_22 a listener's function may send", {kRpc}, callback_sends},
    {"MSG_5 requests are answered from four threads at once", {kRpc}, replies_from_many_threads},
    {"DRV_22 listeners come and go beside calls", {kRpc}, listeners_come_and_go},
    {"TRN_10 closing under load ends every call", {kRpc}, closing_under_load},
};

}  // namespace

Theme concurrency() { return {"concurrency", kCases}; }

}  // namespace gantry::conformance
