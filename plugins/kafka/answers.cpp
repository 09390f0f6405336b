// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <utility>

#include "errors.hpp"
#include "gantry/log.hpp"
#include "record.hpp"

namespace gantry::kafka {
namespace {

// How long a reply is worth sending to a caller who did not say how long it waits.
constexpr std::chrono::seconds kUnknownCaller{60};

class OutgoingReply final : public Outgoing {
 public:
  OutgoingReply(Content&& content, std::shared_ptr<Ledger> ledger, bool counts)
      : Outgoing(std::move(content)), ledger_(std::move(ledger)), counts_(counts) {}

 private:
  void ended(Fate fate, const std::exception_ptr& error) override {
    if (fate == Fate::accepted || fate == Fate::closed) return;
    if (counts_) ledger_->count(Mishap::lost_reply);
    ledger_->warn(Mishap::lost_reply,
                  fmt::format("kafka: {} was not delivered: {}", content().what, text_of(error)));
  }

  const std::shared_ptr<Ledger> ledger_;
  const bool counts_;
};

}  // namespace

std::string ReplyAddress::str() const { return fmt::format("{}/{}/{}", topic, partition, client); }

ReplyAddress ReplyAddress::parse(std::string_view text, std::string_view topic) {
  ReplyAddress address;
  const auto first = text.find('/');
  const auto second = text.find('/', first + 1);
  bool good = first != text.npos && second != text.npos;
  if (good) {
    const auto number = text.substr(first + 1, second - first - 1);
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), address.partition);
    good = error == std::errc() && end == number.data() + number.size() && address.partition >= 0;
  }
  if (!good || text.substr(0, first) != topic)
    throw SerializationError(
        fmt::format("it wants its reply at '{}', which is no place in the "
                    "topic {} (rpc_prefix)",
                    printable(text), topic));
  address.topic = topic;
  address.client = text.substr(second + 1);
  return address;
}

Answers::Answers(std::shared_ptr<const Settings> settings, std::shared_ptr<Producer> producer,
                 std::shared_ptr<Topic> topic, std::shared_ptr<Timer> timer)
    : settings_(std::move(settings)),
      producer_(std::move(producer)),
      topic_(std::move(topic)),
      timer_(std::move(timer)) {}

bool Answers::can_carry(const Answer& answer) const noexcept {
  return answer.body.size() <= settings_->max_message_bytes;
}

void Answers::send(Answer answer) {
  if (answer.deadline.is_never()) answer.deadline = Deadline::after(kUnknownCaller);
  Outgoing::Content content{
      .what = std::move(answer.what),
      .needs = {topic_},
      .topic = answer.to.topic,
      .partition = answer.to.partition,
      .body = std::move(answer.body),
      .unique_id = std::move(answer.unique_id),
      .headers = {{std::string(header::kClient), answer.to.client},
                  {std::string(header::kCorrelation), std::move(answer.correlation)}},
      .deadline = answer.deadline,
      .on_doubt = OnDoubt::resend};  // a caller takes the first reply to its id and drops a second
  const auto reply =
      std::make_shared<OutgoingReply>(std::move(content), settings_->ledger, answer.counts);
  Outgoing::limit(reply, timer_);
  producer_->submit(reply, answer.deadline);
}

}  // namespace gantry::kafka
