// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gantry/kit/routing.hpp"
#include "group_register.hpp"
#include "names.hpp"
#include "precondition.hpp"

namespace gantry::kafka {

// An address of RPC at which somebody has to have listened: its group has a committed position.
class Inhabited final : public Precondition {
 public:
  Inhabited(Address address, RpcAddress where, std::shared_ptr<GroupRegister> groups)
      : address_(std::move(address)), where_(std::move(where)), groups_(std::move(groups)) {}

  bool holds() const noexcept override { return known_; }
  void doubt() noexcept override { known_ = false; }
  // Throws MessageUndeliverable where nobody ever has.
  void establish(rd_kafka_t*, std::chrono::milliseconds limit) override;
  void give_up() noexcept override { groups_->drop_question(); }

 private:
  const Address address_;
  const RpcAddress where_;
  const std::shared_ptr<GroupRegister> groups_;
  std::atomic<bool> known_ = false;
};

// The addresses that a driver has sent to. For any thread.
class Directory {
 public:
  explicit Directory(std::shared_ptr<const Settings> settings)
      : groups_(std::make_shared<GroupRegister>(std::move(settings))) {}

  std::shared_ptr<Inhabited> of(const Address& address, const RpcAddress& where);

 private:
  const std::shared_ptr<GroupRegister> groups_;  // the addresses', which outlive their sends
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Inhabited>, std::less<>> known_;  // guarded by mutex_
};

}  // namespace gantry::kafka
