// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "consumer.hpp"
#include "gantry/deadline.hpp"
#include "gantry/kit/dedup.hpp"
#include "gantry/kit/recent.hpp"
#include "offsets.hpp"

namespace gantry::kafka {

// Who has settled what of a listener's records; shared with its messages, which any thread may
// settle at any time, also when the listener is gone. For any thread.
class Settlements {
 public:
  // One record, in one ownership of its partition: what is settled after that went counts nowhere.
  struct Token {
    Partition partition;
    std::uint64_t tenure = 0;
    std::int64_t offset = 0;
  };

  // Runs on the thread that settles, with a lock held: it only wakes another thread up.
  using Wake = std::function<void()>;
  void open(Wake wake);
  void close();  // settling wakes nobody any more

  void assigned(std::span<const Partition> partitions);
  void revoked(std::span<const Partition> partitions);

  Token received(const Partition& partition, std::int64_t offset);
  // With the message's id, by which the record is known should it come again: its partition may
  // have gone before that was committed, and come back.
  void settle(const Token& token, std::string_view id = {});
  // Whether this very record was settled, of the 10,000 that were last. Never without an id: a
  // topic that is made anew has other records at the same places.
  bool knows(const Token& token, std::string_view id);
  // It is not handed out, and nothing behind it in its partition.
  void forget(const Token& token);

  // What can be committed and was not told before.
  std::vector<Position> take_positions();
  void tell_again();  // a commit has failed: all that was told counts as not told
  // Waits until nothing of these partitions is unsettled; false when the deadline came first.
  bool wait_settled(std::span<const Partition> partitions, Deadline deadline);

 private:
  struct Tenure {
    std::uint64_t number = 0;
    Offsets offsets{};
  };

  std::mutex mutex_;
  std::condition_variable settled_;
  Wake wake_;  // guarded by mutex_, as all below
  std::uint64_t last_tenure_ = 0;
  std::map<Partition, Tenure> tenures_;
  Recent<std::monostate> known_{RecentIds::kDepth};  // by place and id
};

}  // namespace gantry::kafka
