// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gantry/kit/routing.hpp"
#include "names.hpp"
#include "precondition.hpp"

namespace gantry::kafka {

// An address of RPC at which somebody has to have listened: its group has a committed position.
class Inhabited final : public Precondition {
 public:
  Inhabited(Address address, RpcAddress where)
      : address_(std::move(address)), where_(std::move(where)) {}

  bool holds() const noexcept override { return known_; }
  void doubt() noexcept override { known_ = false; }
  // Throws MessageUndeliverable where nobody ever has.
  void establish(rd_kafka_t* client, std::chrono::milliseconds limit) override;

 private:
  const Address address_;
  const RpcAddress where_;
  std::atomic<bool> known_ = false;
};

// The addresses that a driver has sent to. For any thread.
class Directory {
 public:
  std::shared_ptr<Inhabited> of(const Address& address, const RpcAddress& where);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Inhabited>, std::less<>> known_;  // guarded by mutex_
};

}  // namespace gantry::kafka
