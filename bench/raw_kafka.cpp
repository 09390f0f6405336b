// SPDX-License-Identifier: Apache-2.0
// On librdkafka alone: publishing and consuming, as the floor for notifications over Kafka, and a
// request/reply loop over two topics, as the floor for calls. That one has no register of servers
// and commits nothing, so it delivers less than a call promises.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "load.hpp"
#include "raw_kafka_clients.hpp"

namespace {

using bench::Clock;
using bench::KafkaRecord;
using bench::RawConsumer;
using bench::RawProducer;
using std::chrono::milliseconds;

const std::string kRequestTopic = "bench_raw_requests";
const std::string kReplyTopic = "bench_raw_replies";
const std::string kNotificationTopic = "bench_raw";

constexpr milliseconds kAtOnce{0};
constexpr milliseconds kAWhile{100};

std::string_view key_of(const KafkaRecord& record) {
  return {static_cast<const char*>(record->key), record->key_len};
}

std::string_view body_of(const KafkaRecord& record) {
  return {static_cast<const char*>(record->payload), record->len};
}

// Ends with the process: SIGTERM is left to its default.
[[noreturn]] void serve(const bench::Task& task) {
  RawProducer requests_exist(task.url, kRequestTopic);
  RawProducer replies(task.url, kReplyTopic);
  RawConsumer requests(task.url);
  requests.read_from_end(kRequestTopic);
  fmt::print("ready\n");
  std::fflush(stdout);
  while (true) {
    const KafkaRecord request = requests.next();
    replies.produce(body_of(request), nullptr, 0, key_of(request));
    replies.poll(kAtOnce);
  }
}

// A producer of requests and the consumer of their replies.
class Caller {
 public:
  explicit Caller(const bench::Task& task)
      : body_(task.payload, 'x'), requests_(task.url, kRequestTopic), replies_(task.url) {
    replies_.read_from_end(kReplyTopic);
  }

  void send(std::string_view id) {
    requests_.produce(body_, nullptr, 0, id);
    requests_.poll(kAtOnce);
  }

  std::string answered_id() { return std::string(key_of(replies_.next())); }

 private:
  const std::string body_;
  RawProducer requests_;
  RawConsumer replies_;
};

// One caller alone: several would read each other's replies.
void call_blocking(const bench::Task& task) {
  if (task.callers != 1) throw std::invalid_argument("client: there is one caller only");
  bench::call_from_threads(task, [&] {
    return [caller = std::make_shared<Caller>(task)] {
      caller->send("1");
      caller->answered_id();
    };
  });
}

// One thread, with as many calls under way as the task says.
void call_async(const bench::Task& task) {
  Caller caller(task);
  bench::Measurement measurement(task.seconds);
  bench::Tally tally = measurement.tally();
  std::vector<Clock::time_point> began(task.callers);
  for (std::size_t slot = 0; slot < began.size(); ++slot) {
    began[slot] = Clock::now();
    caller.send(std::to_string(slot));
  }
  while (!tally.over()) {
    const std::string id = caller.answered_id();
    Clock::time_point& slot_began = began[std::stoul(id)];
    tally.count(slot_began, Clock::now());
    slot_began = Clock::now();
    caller.send(id);
  }
  measurement.add(tally);
  measurement.print();
}

// What an oslo.messaging notification costs a program without this library: the document, its id
// and its time, written twice, since the envelope carries it as text.
std::string notification(const bench::Task& task) {
  thread_local std::mt19937_64 ids(std::random_device{}());
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  std::array<char, 20> time{};
  std::strftime(time.data(), time.size(), "%Y-%m-%d %H:%M:%S", gmtime_r(&now, &utc));
  const boost::json::object message{
      {"message_id", fmt::format("{:016x}{:016x}", ids(), ids())},
      {"publisher_id", "bench"},
      {"event_type", "bench"},
      {"priority", "INFO"},
      {"payload", boost::json::object{{"payload", std::string(task.payload, 'x')}}},
      {"timestamp", time.data()},
      {"_context", boost::json::object()}};
  return serialize(
      boost::json::object{{"oslo.version", "2.0"}, {"oslo.message", serialize(message)}});
}

// produce and poll(0), with as many unconfirmed records as the task says.
template <class Body>
void publish(const bench::Task& task, Body body) {
  RawProducer producer(task.url, kNotificationTopic);
  bench::Measurement measurement(task.seconds);
  bench::Tally tally = measurement.tally();
  std::vector<Clock::time_point> began(task.callers);
  std::vector<Clock::time_point*> free;
  free.reserve(began.size());
  for (auto& slot : began) free.push_back(&slot);
  producer.on_delivery([&](void* opaque) {
    auto* const slot = static_cast<Clock::time_point*>(opaque);
    tally.count(*slot, Clock::now());
    free.push_back(slot);
  });
  while (!tally.over()) {
    while (free.empty()) producer.poll(kAWhile);
    Clock::time_point* const slot = free.back();
    free.pop_back();
    *slot = Clock::now();
    producer.produce(body(), slot);
    producer.poll(kAtOnce);
  }
  producer.flush();
  measurement.add(tally);
  measurement.print();
}

// The same bytes each time.
void publish_bytes(const bench::Task& task) {
  publish(task, [body = std::string(task.payload, 'x')]() -> std::string_view { return body; });
}

void publish_notifications(const bench::Task& task) {
  publish(task, [&] { return notification(task); });
}

// produce and flush.
void publish_each(const bench::Task& task) {
  bench::call_from_threads(task, [&] {
    const auto producer = std::make_shared<RawProducer>(task.url, kNotificationTopic);
    return [producer, body = std::string(task.payload, 'x')] {
      producer->produce(body);
      producer->flush();
    };
  });
}

// The first record of a new producer, asking for the topic included; its making is not.
void publish_first(const bench::Task& task) {
  const std::string body(task.payload, 'x');
  bench::Measurement measurement(task.seconds);
  bench::Tally tally = measurement.tally();
  while (!tally.over()) {
    const auto began = Clock::now();
    RawProducer producer(task.url, kNotificationTopic);
    producer.produce(body);
    producer.flush();
    tally.count(began, Clock::now());
  }
  measurement.add(tally);
  measurement.print();
}

void fill(const bench::Task& task, RawProducer& producer) {
  const std::string body(task.payload, 'x');
  for (unsigned n = 0; n < task.callers; ++n) {
    producer.produce(body, nullptr, static_cast<std::int32_t>(n % producer.partitions()));
    producer.poll(kAtOnce);
  }
  producer.flush();
}

void read_through(const bench::Task& task, RawConsumer& consumer, const std::string& topic,
                  int partitions) {
  std::array<rd_kafka_message_t*, 500> records{};
  consumer.read_from_begin(topic, partitions);
  for (std::size_t seen = 0; seen < task.callers;) {
    const auto count = consumer.take(records.data(), records.size());
    for (std::size_t n = 0; n < count; ++n) {
      if (records[n]->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++seen;
      rd_kafka_message_destroy(records[n]);
    }
  }
}

// Reads a topic again and again, up to 500 records at once. The first time is not counted: it
// connects.
void drain(const bench::Task& task) {
  const std::string topic = fmt::format("bench_raw_drain_{}", getpid());
  RawProducer producer(task.url, topic);
  fill(task, producer);
  RawConsumer consumer(task.url);
  read_through(task, consumer, topic, producer.partitions());
  const bench::Stretch stretch;
  const auto end = Clock::now() + std::chrono::duration<double>(task.seconds);
  std::uint64_t all = 0;
  do {
    read_through(task, consumer, topic, producer.partitions());
    all += task.callers;
  } while (Clock::now() < end);
  stretch.print(all);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Task task = bench::parse(argc, argv);
    if (task.role == "server") serve(task);
    if (task.role == "client") call_blocking(task);
    if (task.role == "async") call_async(task);
    if (task.role == "publish") publish_bytes(task);
    if (task.role == "publish_json") publish_notifications(task);
    if (task.role == "publish_each") publish_each(task);
    if (task.role == "first") publish_first(task);
    if (task.role == "drain") drain(task);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    fmt::print(stderr, "raw_kafka: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
