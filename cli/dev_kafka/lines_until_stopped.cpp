// SPDX-License-Identifier: Apache-2.0
#include "lines_until_stopped.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cstdint>

namespace gantry::cli {
namespace {

void set(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = ::write(event, &one, sizeof one);
}

}  // namespace

LinesUntilStopped::LinesUntilStopped(int input)
    : input_(input),
      stopped_(::eventfd(0, EFD_CLOEXEC), "eventfd"),
      signals_([this] { set(stopped_.get()); }) {}

std::optional<std::string> LinesUntilStopped::next() {
  for (;;) {
    if (auto line = take_line()) return line;
    if (!read_more()) return std::nullopt;
  }
}

std::optional<std::string> LinesUntilStopped::take_line() {
  const auto end = read_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = read_.substr(0, end);
  read_.erase(0, end + 1);
  return line;
}

bool LinesUntilStopped::read_more() {
  // A descriptor below 0 is one that poll passes over.
  std::array<pollfd, 2> both{{{stopped_.get(), POLLIN, 0}, {input_, POLLIN, 0}}};
  if (::poll(both.data(), both.size(), -1) < 0) return errno == EINTR;
  if (both[0].revents != 0) return false;
  std::array<char, 4096> piece{};
  const auto size = ::read(input_, piece.data(), piece.size());
  if (size > 0) {
    read_.append(piece.data(), static_cast<std::size_t>(size));
  } else if (size == 0 || errno != EINTR) {
    input_ = -1;
  }
  return true;
}

}  // namespace gantry::cli
