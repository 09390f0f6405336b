// SPDX-License-Identifier: Apache-2.0
#include "rpc_listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gantry/kit/routing.hpp"

namespace gantry::kafka {
namespace {

std::array<RpcAddress, 3> places_of(const std::array<Address, 3>& addresses,
                                    const std::string& prefix) {
  std::array<RpcAddress, 3> places;
  std::ranges::transform(addresses, places.begin(),
                         [&](const Address& address) { return rpc_address(address, prefix); });
  return places;
}

}  // namespace

RpcListener::RpcListener(std::shared_ptr<const Settings> settings, const Target& target,
                         std::shared_ptr<Answers> answers, std::shared_ptr<SharedIds> handled,
                         const BatchOptions& batch)
    : settings_(std::move(settings)),
      what_(fmt::format("listening on {}", target.str())),
      addresses_(listen_addresses(target, settings_->default_exchange)),
      places_(places_of(addresses_, settings_->rpc_prefix)),
      intake_(settings_, std::move(answers), std::move(handled)),
      collector_(batch),
      topic_reader_(*settings_,
                    {.what = what_, .topic = places_[0].topic, .group = places_[0].group}, intake_,
                    collector_),
      server_reader_(*settings_,
                     {.what = what_,
                      .topic = places_[1].topic,
                      .group = places_[1].group,
                      .receiver = receiver_of(addresses_[1]),
                      .begin = RequestReader::Begin::newest},
                     intake_, collector_),
      fanout_reader_(*settings_, what_, intake_, collector_) {
  pause_all(true);  // until the start
}

// All three join at the same time.
void RpcListener::subscribe(Deadline deadline) {
  for (auto* const consumer : consumers()) consumer->start();
  const std::array partitions{settings_->rpc_partitions, 1, 1};
  for (std::size_t i = 0; i < places_.size(); ++i)
    consumers()[i]->require(*topics_.of({.name = places_[i].topic,
                                         .partitions = partitions[i],
                                         .broker_sets_time = true,
                                         .longest_record = settings_->longest_record()}),
                            deadline);
  topic_reader_.consumer().subscribe({places_[0].topic});
  server_reader_.consumer().subscribe({places_[1].topic});
  fanout_reader_.begin(places_[2].topic, deadline);
  for (auto* const consumer : consumers()) consumer->wait_ready(deadline);
  topic_reader_.consumer().wait_share(
      std::min(deadline, Deadline::after(settings_->session_timeout)));
}

std::array<Consumer*, 3> RpcListener::consumers() {
  return {&topic_reader_.consumer(), &server_reader_.consumer(), &fanout_reader_.consumer()};
}

void RpcListener::pause_all(bool paused) noexcept {
  for (auto* const consumer : consumers()) paused ? consumer->pause() : consumer->resume();
}

void RpcListener::start(OnBatch on_batch) {
  collector_.start(std::move(on_batch));
  pause_all(false);
}

void RpcListener::pause() noexcept {
  collector_.pause();
  pause_all(true);
}

void RpcListener::resume() noexcept {
  collector_.resume();
  pause_all(false);
}

// From within OnBatch, and so on a thread of ours, it only asks.
void RpcListener::stop() {
  pause_all(true);
  const auto all = consumers();
  const auto is_own = [](const Consumer* consumer) { return consumer->on_own_thread(); };
  if (!std::ranges::any_of(all, is_own)) {
    for (auto* const consumer : all) consumer->ask_stop();
    for (auto* const consumer : all) consumer->stop();
  }
  collector_.finish();
}

}  // namespace gantry::kafka
