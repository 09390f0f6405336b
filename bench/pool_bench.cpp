// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "gantry/kit/pool.hpp"

// Lending and giving back, uncontended: POOL-22 wants it below 200 ns and without an allocation.
// The second column counts allocations per loan.
namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

// Not inlined: the compiler would take malloc and free for a mismatch of new and delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace gantry {
namespace {

struct Item {};

void lend_and_give_back(benchmark::State& state) {
  Pool<Item> pool({}, {.create = [](Deadline, int) { return std::make_unique<Item>(); }});
  pool.lend(never).close();
  const auto before = allocations.load();
  while (state.KeepRunning()) benchmark::DoNotOptimize(&*pool.lend(never));
  state.counters["allocations"] = benchmark::Counter(
      static_cast<double>(allocations.load() - before), benchmark::Counter::kAvgIterations);
}
BENCHMARK(lend_and_give_back);

}  // namespace
}  // namespace gantry

BENCHMARK_MAIN();
