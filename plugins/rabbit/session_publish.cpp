// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "fault.hpp"
#include "poll_limit.hpp"
#include "session.hpp"

namespace gantry::rabbit {
namespace {

amqp_frame_t frame_of(std::uint8_t type) {
  amqp_frame_t frame{};
  frame.frame_type = type;
  frame.channel = Session::kMessages;
  return frame;
}

// How much can be sent without waiting once the socket is writable: the kernel calls it so when a
// third of its buffer is free, and counts the memory of small packets about twice.
std::size_t piece_of(int socket) {
  constexpr std::size_t kPart = 8;
  int buffer = 0;
  socklen_t size = sizeof buffer;
  ::getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer, &size);
  constexpr std::size_t kLeast = 4096;
  return std::max(static_cast<std::size_t>(std::max(buffer, 0)) / kPart, kLeast);
}

}  // namespace

// The library would write all of it in one go, and meanwhile nobody would read the confirms of
// other messages, or notice that this one's time is up.
void Session::publish_long(const Outgoing& message, amqp_basic_properties_t& properties,
                           FrameSink& sink) {
  amqp_basic_publish_t publish{};
  publish.exchange = bytes(message.exchange);
  publish.routing_key = bytes(message.routing_key);
  publish.mandatory = message.mandatory;
  auto method = frame_of(AMQP_FRAME_METHOD);
  method.payload.method = {AMQP_BASIC_PUBLISH_METHOD, &publish};
  send_frame(method);
  auto header = frame_of(AMQP_FRAME_HEADER);
  header.payload.properties.class_id = AMQP_BASIC_CLASS;
  header.payload.properties.body_size = message.body.size();
  header.payload.properties.decoded = &properties;
  send_frame(header);
  constexpr std::size_t kAroundBody = 8;
  const auto most = static_cast<std::size_t>(amqp_get_frame_max(state_.get())) - kAroundBody;
  for (auto rest = message.body; !rest.empty();) {
    wait_writable(message.deadline, sink);
    const auto piece = rest.substr(0, std::min(most, piece_of(socket())));
    auto body = frame_of(AMQP_FRAME_BODY);
    body.payload.body_fragment = bytes(piece);
    send_frame(body);
    rest.remove_prefix(piece.size());
  }
}

void Session::send_frame(const amqp_frame_t& frame) {
  check_status(amqp_send_frame(state_.get(), &frame), "publishing");
}

// Reads until then. A message whose deadline comes before its end is given up with the connection:
// there is no other way to take it back.
void Session::wait_writable(Deadline deadline, FrameSink& sink) {
  while (!deadline.expired()) {
    pollfd waits{socket(), POLLIN | POLLOUT, 0};
    if (::poll(&waits, 1, poll_limit(deadline)) <= 0) continue;
    if ((waits.revents & POLLIN) != 0) read(sink);
    if ((waits.revents & ~POLLIN) != 0) return;
  }
  line_failed_ = true;
  ::shutdown(socket(), SHUT_RDWR);
  throw ConnectionLost("publishing: the peer had not taken the message when its deadline came");
}

}  // namespace gantry::rabbit
