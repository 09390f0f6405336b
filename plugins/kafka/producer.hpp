// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "gantry/deadline.hpp"
#include "outgoing.hpp"
#include "producer_session.hpp"
#include "refusals.hpp"
#include "settings.hpp"

namespace gantry::kafka {

// Sends a driver's records, by one idempotent producer for its whole life. A record is handed to
// librdkafka once its preconditions hold and a broker answers; until then it is held here, where
// its deadline and its retries end it without doubt. Those of a topic keep their order; no topic
// waits for another one. A fatal error of the producer ends the records that may have been stored
// as in doubt, and the others go by a new one. For any thread.
class Producer final : private ProducerSession::Observer {
 public:
  // Opens no connection. Throws ConfigurationError.
  explicit Producer(std::shared_ptr<const Settings> settings);
  Producer(const Producer&) = delete;
  ~Producer() override;

  // Waits where librdkafka's queue is full, until `room_by` or the record's deadline; not on the
  // thread that empties it, which tells of ends: what is sent from there is held.
  void submit(const OutgoingPtr& outgoing, Deadline room_by);

  // Sends what is under way for as long as `close_timeout`; the rest ends as closed, or in doubt.
  void stop();

 private:
  using SessionPtr = std::shared_ptr<ProducerSession>;

  // The records of one topic that are held.
  struct Line {
    std::map<std::uint64_t, OutgoingPtr> records{};  // in the order of their making
    OutgoingPtr tried{};  // whose preconditions were asked for in vain last
    Deadline rests_until{Deadline::Clock::time_point::min()};  // before the next attempt
  };
  using Lines = std::map<std::string, Line, std::less<>>;

  void delivered(const OutgoingPtr& outgoing, rd_kafka_resp_err_t error,
                 rd_kafka_msg_status_t status) override;
  void failed(rd_kafka_resp_err_t error, const std::string& reason) override;

  bool may_pass(const Outgoing& outgoing);
  bool produce(const OutgoingPtr& outgoing, Deadline room_by);
  void note_spent(const SessionPtr& session);
  bool await_room(std::uint64_t seen, Deadline deadline);
  void hold(const OutgoingPtr& outgoing);
  void try_again(const OutgoingPtr& outgoing, const std::string& reason, bool in_doubt);

  void usher();
  OutgoingPtr next_held();
  OutgoingPtr first_of_next_line();
  Deadline end_of_rest() const;
  bool clear_lines(std::unique_lock<std::mutex>& lock);
  void admit(const OutgoingPtr& outgoing);
  void find_brokers();
  void attempt_failed(const OutgoingPtr& tried, const std::string& reason);
  void give_up_refused(std::unique_lock<std::mutex> lock);
  bool let_go(const OutgoingPtr& outgoing);
  void hand_over(const OutgoingPtr& outgoing);
  void rebuild();
  void retire();
  SessionPtr new_session();
  SessionPtr session();

  const std::shared_ptr<const Settings> settings_;
  std::chrono::milliseconds attempt_;  // how long the next one may take; the usher's, as the next
  std::string turn_;                   // the topic that was tried last
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable room_;
  Lines held_;               // guarded by mutex_, as all below
  std::uint64_t ended_ = 0;  // how many records librdkafka has given back
  std::size_t waiting_for_room_ = 0;
  bool down_ = false;         // no broker answers
  std::string trouble_;       // what librdkafka told of one that could not be reached, last
  bool fatal_ = false;        // the session is spent
  Refusals refusals_;         // of the session
  bool refused_ = false;      // they are final: the session is to end
  Deadline closing_ = never;  // when held records are given up
  // Null once no broker trusts us, until the next record. It calls us from its making on.
  SessionPtr session_;
  std::jthread usher_;  // last: it uses all of the above
};

}  // namespace gantry::kafka
