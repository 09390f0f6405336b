// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "handles.hpp"
#include "names.hpp"
#include "settings.hpp"

namespace gantry::kafka {

// Kafka's own register of who has ever listened: the committed positions of groups. Its questions
// never time out, and where one is dropped its client goes with it: an assertion of librdkafka 2.0
// ends the process when a coordinator is found after a question about its group has timed out.
// [one thread at a time]
class GroupRegister {
 public:
  explicit GroupRegister(std::shared_ptr<const Settings> settings)
      : settings_(std::move(settings)) {}

  // Whether the group has a position in partition 0, where a listener commits before anything else.
  // Throws Unreachable where no broker has answered within `limit`; the question stays until it is
  // put again, or dropped.
  bool knows(const RpcAddress& where, std::chrono::milliseconds limit);
  void drop_question() noexcept;

 private:
  void ask(const RpcAddress& where);

  const std::shared_ptr<const Settings> settings_;
  Client client_;  // made for the first question
  std::string group_;
  Queue answer_;  // of the question that is open; null: there is none
};

}  // namespace gantry::kafka
