// SPDX-License-Identifier: Apache-2.0
#include "directory.hpp"

#include <fmt/format.h>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {

void Inhabited::establish(rd_kafka_t*, std::chrono::milliseconds limit) {
  if (!groups_->knows(where_, limit))
    throw MessageUndeliverable(
        fmt::format("nobody has ever listened on {} in exchange {}; start its server first",
                    printable(address_.name()), printable(address_.exchange)),
        address_.exchange, address_.name());
  known_ = true;
}

std::shared_ptr<Inhabited> Directory::of(const Address& address, const RpcAddress& where) {
  const std::lock_guard lock(mutex_);
  auto& known = known_[where.group];
  if (!known) known = std::make_shared<Inhabited>(address, where, groups_);
  return known;
}

}  // namespace gantry::kafka
