// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gantry/driver/base_driver.hpp"
#include "gantry/error.hpp"
#include "gantry/transport.hpp"

namespace gantry {

// A driver whose requests and notifications the test makes, and which notes in what order a server
// uses it.
class ServingDriver final : public BaseDriver {
 public:
  struct Record {
    std::mutex mutex{};
    std::vector<std::string> steps{};  // guarded by mutex
    BatchOptions batch{};
    Target target{};
    std::vector<Subscription> subscriptions{};
    Features features{.rpc = true, .notifications = true, .requeue = true};
    std::function<void()> fault = [] {};  // runs in listen; may throw
    Listener::OnBatch on_batch{};
    int listeners = 0;  // alive

    void note(std::string step) {
      const std::lock_guard lock(mutex);
      steps.push_back(std::move(step));
    }
    std::vector<std::string> noted() {
      const std::lock_guard lock(mutex);
      return steps;
    }

    // A request, and its reply when it has one; a request that is dropped breaks the promise.
    std::future<Reply> request(Object body, Object context = {},
                               IncomingMessage::Facts facts = {.id = "m1", .wants_reply = true});

    // A batch of notifications; its steps name the message ids.
    void notify(const std::vector<Object>& bodies);
  };

  explicit ServingDriver(Record& record) : record_(record), features_(record.features) {}

  const Features& features() const noexcept override { return features_; }
  void send(const Target&, Message, const SendOptions&, Completion<void>&& done) override {
    done.succeed();
  }
  void call(const Target&, Message, const CallOptions&, Completion<Value>&& done) override {
    done.succeed(nullptr);
  }
  void send_notification(const Target&, Message, Envelope, const SendOptions&,
                         Completion<void>&& done) override {
    done.succeed();
  }
  std::unique_ptr<Listener> listen(const Target& target, const BatchOptions& batch,
                                   Deadline) override {
    record_.fault();
    record_.target = target;
    record_.batch = batch;
    return std::make_unique<TestListener>(record_);
  }
  std::unique_ptr<Listener> listen_for_notifications(std::span<const Subscription> subscriptions,
                                                     std::string_view, const BatchOptions& batch,
                                                     Deadline) override {
    record_.fault();
    record_.subscriptions.assign(subscriptions.begin(), subscriptions.end());
    record_.batch = batch;
    return std::make_unique<TestListener>(record_);
  }

 private:
  class TestListener final : public Listener {
   public:
    explicit TestListener(Record& record) : record_(record) { ++record_.listeners; }
    ~TestListener() override {
      record_.note("released");
      --record_.listeners;
    }
    void start(OnBatch on_batch) override { record_.on_batch = std::move(on_batch); }
    void pause() noexcept override {}
    void resume() noexcept override {}
    void stop() override { record_.note("stopped"); }

   private:
    Record& record_;
  };

  class Request final : public IncomingMessage {
   public:
    Request(Message message, Facts facts, Record& record, std::promise<Reply> answer)
        : IncomingMessage(std::move(message), std::move(facts)),
          record_(record),
          answer_(std::move(answer)) {}
    void acknowledge() noexcept override { record_.note("acknowledge"); }
    void requeue() noexcept override { record_.note("requeue"); }
    void reply(Reply reply) noexcept override {
      record_.note("reply");
      answer_.set_value(std::move(reply));
    }
    void heartbeat() noexcept override { record_.note("heartbeat"); }

   private:
    Record& record_;
    std::promise<Reply> answer_;
  };

  class Told final : public IncomingMessage {
   public:
    Told(Object body, Record& record)
        : IncomingMessage({.body = std::move(body)}, {}),
          record_(record),
          id_(message().body.at("message_id").as_string()) {}
    void acknowledge() noexcept override { record_.note("acknowledge " + id_); }
    void requeue() noexcept override { record_.note("requeue " + id_); }
    void reply(Reply) noexcept override {}
    void heartbeat() noexcept override {}

   private:
    Record& record_;
    const std::string id_;
  };

  Record& record_;
  const Features features_;
};

inline std::future<Reply> ServingDriver::Record::request(Object body, Object context,
                                                         IncomingMessage::Facts facts) {
  std::promise<Reply> answer;
  auto reply = answer.get_future();
  Batch requests;
  requests.push_back(
      std::make_unique<Request>(Message{.body = std::move(body), .context = std::move(context)},
                                std::move(facts), *this, std::move(answer)));
  on_batch(std::move(requests));
  return reply;
}

inline void ServingDriver::Record::notify(const std::vector<Object>& bodies) {
  Batch told;
  for (const auto& body : bodies) told.push_back(std::make_unique<Told>(body, *this));
  on_batch(std::move(told));
}

inline Transport serving_transport(ServingDriver::Record& record) {
  return {std::make_unique<ServingDriver>(record), {.url = TransportUrl::parse("serving://")}};
}

}  // namespace gantry
