// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"

// The envelope written and read, beside the same done with Boost.JSON's own writer and parser. Read
// the ratios of one run:
//
//   wire_bench --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
//       --benchmark_min_time=0.1
namespace gantry {
namespace {

const wire::RequestIds kIds{.msg_id = "ffbf36835726447b887176b0be9aba24",
                            .reply_q = "reply_b1a36a3194d54551813ef6f47b968d7f",
                            .unique_id = "a4449617fdc34ec391f111d71a59cbd3",
                            .monitor = {}};

// About 440 bytes of inner text.
Message small_message() {
  return {.body = {{"method", "resize"},
                   {"args",
                    {{"server", "8f6f3cbd-778e-4812-abbb-4f07e52d8ea4"},
                     {"flavor", {{"id", 7}, {"vcpus", 4}, {"disk", 80.5}}},
                     {"tags", {"a", "bb", "ccc"}},
                     {"force", false},
                     {"reason", nullptr}}},
                   {"version", "1.7"}},
          .context = {{"user_id", "4f1"}, {"is_admin", true}}};
}

// Eight times as much.
Message large_message() {
  Message message = small_message();
  Array servers;
  for (int i = 0; i < 20; ++i) {
    servers.push_back({{"id", i},
                       {"name", "server-" + std::to_string(i)},
                       {"address", "192.0.2." + std::to_string(i)},
                       {"load", 0.1 * i},
                       {"state", {"active", nullptr, true}},
                       {"note", "a text of some length, \"quoted\", with a\ttab"}});
  }
  message.body.at("args").as_object().emplace("servers", std::move(servers));
  return message;
}

Message message_of(const benchmark::State& state) {
  return state.range(0) == 0 ? small_message() : large_message();
}

void report(benchmark::State& state, std::size_t bytes) {
  state.SetLabel(std::to_string(bytes) + " B");
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void encode(benchmark::State& state) {
  const Message message = message_of(state);
  std::string body;
  for (auto _ : state) {
    body = wire::encode_request(message, kIds);
    benchmark::DoNotOptimize(body);
  }
  report(state, body.size());
}

void encode_boost(benchmark::State& state) {
  const std::string body = wire::encode_request(message_of(state), kIds);
  const Object inner = wire::open_envelope(body);
  std::string written;
  for (auto _ : state) {
    const Object outer{{"oslo.version", "2.0"}, {"oslo.message", boost::json::serialize(inner)}};
    written = boost::json::serialize(outer);
    benchmark::DoNotOptimize(written);
  }
  report(state, written.size());
}

void decode(benchmark::State& state) {
  const std::string body = wire::encode_request(message_of(state), kIds);
  for (auto _ : state) {
    auto request = wire::decode_request(body);
    benchmark::DoNotOptimize(request);
  }
  report(state, body.size());
}

void open_envelope(benchmark::State& state) {
  const std::string body = wire::encode_request(message_of(state), kIds);
  for (auto _ : state) {
    auto inner = wire::open_envelope(body);
    benchmark::DoNotOptimize(inner);
  }
  report(state, body.size());
}

void decode_boost(benchmark::State& state) {
  const std::string body = wire::encode_request(message_of(state), kIds);
  for (auto _ : state) {
    const Value outer = boost::json::parse(body);
    Value inner = boost::json::parse(outer.at("oslo.message").as_string());
    benchmark::DoNotOptimize(inner);
  }
  report(state, body.size());
}

void new_id(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(wire::new_id());
}

BENCHMARK(encode)->ArgName("large")->Arg(0)->Arg(1);
BENCHMARK(encode_boost)->ArgName("large")->Arg(0)->Arg(1);
BENCHMARK(decode)->ArgName("large")->Arg(0)->Arg(1);
BENCHMARK(open_envelope)->ArgName("large")->Arg(0)->Arg(1);
BENCHMARK(decode_boost)->ArgName("large")->Arg(0)->Arg(1);
BENCHMARK(new_id);

}  // namespace
}  // namespace gantry

BENCHMARK_MAIN();
