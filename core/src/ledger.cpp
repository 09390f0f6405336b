// SPDX-License-Identifier: Apache-2.0
#include "gantry/ledger.hpp"

#include <fmt/format.h>

#include <chrono>
#include <numeric>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/log.hpp"

namespace gantry {
namespace {

template <class Range>
std::uint64_t total(const Range& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

// "3: 2 confirmed, 1 returned", and what has not ended.
template <class End, class Range>
std::string line(std::uint64_t begun, const Range& counts, std::uint64_t under_way) {
  std::string text = std::to_string(begun);
  const char* separator = ": ";
  const auto part = [&](std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", separator, count, what);
    separator = ", ";
  };
  for (std::size_t i = 0; i < counts.size(); ++i) part(counts[i], to_string(End{i}));
  part(under_way, "under way");
  return text;
}

}  // namespace

std::string_view to_string(Sending end) noexcept {
  switch (end) {
    case Sending::confirmed:
      return "confirmed";
    case Sending::answered:
      return "answered";
    case Sending::failed:
      return "failed";
    case Sending::returned:
      return "returned";
    case Sending::rejected:
      return "rejected";
    case Sending::in_doubt:
      return "in doubt";
    case Sending::expired:
      return "expired";
    case Sending::closed:
      return "closed";
    case Sending::refused:
      return "refused";
  }
  return "unknown";
}

std::string_view to_string(Receipt end) noexcept {
  switch (end) {
    case Receipt::answered:
      return "answered";
    case Receipt::failed:
      return "failed";
    case Receipt::handled:
      return "handled";
    case Receipt::requeued:
      return "requeued";
    case Receipt::expired:
      return "expired";
    case Receipt::dropped:
      return "dropped";
  }
  return "unknown";
}

std::string_view to_string(Mishap mishap) noexcept {
  switch (mishap) {
    case Mishap::unreadable:
      return "unreadable";
    case Mishap::repeated:
      return "repeated";
    case Mishap::late_reply:
      return "late replies";
    case Mishap::lost_reply:
      return "lost replies";
  }
  return "unknown";
}

std::uint64_t Ledger::Counts::sends_under_way() const { return sent - total(sendings); }
std::uint64_t Ledger::Counts::receipts_under_way() const { return received - total(receipts); }

std::string Ledger::Counts::str() const {
  auto text = "sent " + line<Sending>(sent, sendings, sends_under_way()) + "; received " +
              line<Receipt>(received, receipts, receipts_under_way());
  if (const auto all = total(mishaps); all != 0)
    text += "; mishaps " + line<Mishap>(all, mishaps, 0);
  return text;
}

Ledger::Counts Ledger::counts() const noexcept {
  Counts counts;
  for (std::size_t i = 0; i < kSendings; ++i) counts.sendings[i] = sendings_[i];
  for (std::size_t i = 0; i < kReceipts; ++i) counts.receipts[i] = receipts_[i];
  for (std::size_t i = 0; i < kMishaps; ++i) counts.mishaps[i] = mishaps_[i];
  counts.sent = sent_;
  counts.received = received_;
  return counts;
}

void Ledger::warn(Mishap mishap, std::string_view text) {
  constexpr int most = 10;
  std::uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    auto& lines = lines_[static_cast<std::size_t>(mishap)];
    if (lines.minute.expired()) {
      lines.minute = Deadline::after(std::chrono::minutes(1));
      lines.written = 0;
    }
    if (lines.written == most) {
      ++lines.left_out;
      return;
    }
    ++lines.written;
    left_out = std::exchange(lines.left_out, 0);
  }
  log(LogLevel::warning, left_out == 0
                             ? std::string(text)
                             : fmt::format("{} ({} more were not logged)", text, left_out));
}

Sending sending_ended_by(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const RemoteError&) {
    return Sending::failed;
  } catch (const MessagingTimeout&) {
    return Sending::expired;
  } catch (const MessageUndeliverable&) {
    return Sending::returned;
  } catch (const MessageInDoubt&) {
    return Sending::in_doubt;
  } catch (const MessageDeliveryFailure&) {
    return Sending::rejected;
  } catch (const TransportDriverError&) {
    return Sending::rejected;
  } catch (const TransportClosed&) {
    return Sending::closed;
  } catch (const OperationCancelled&) {
    return Sending::closed;
  } catch (...) {
    return Sending::refused;
  }
}

}  // namespace gantry
