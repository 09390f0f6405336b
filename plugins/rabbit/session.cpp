// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "fault.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "time_value.hpp"
#include "tls_fault.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLeaveLimit{500};

// Whether it tells of the network, and not of what the peer sent.
bool is_of_line(int status) {
  constexpr std::array kOfLine{AMQP_STATUS_SOCKET_ERROR,      AMQP_STATUS_SSL_ERROR,
                               AMQP_STATUS_CONNECTION_CLOSED, AMQP_STATUS_SOCKET_CLOSED,
                               AMQP_STATUS_HEARTBEAT_TIMEOUT, AMQP_STATUS_TIMEOUT};
  return std::ranges::find(kOfLine, status) != kOfLine.end();
}

std::string reason_of(int status) {
  return status == AMQP_STATUS_SSL_ERROR ? tls_reason() : amqp_error_string2(status);
}

}  // namespace

void Session::watch(Interrupt& interrupt) {
  watch_.reset();
  watch_ = std::make_unique<Interrupt::Watch>(interrupt, socket());
}

Session::~Session() = default;

void Session::close() noexcept {
  const auto limit = time_value(kLeaveLimit);
  amqp_set_rpc_timeout(state_.get(), &limit);
  amqp_connection_close(state_.get(), AMQP_REPLY_SUCCESS);
}

seconds Session::heartbeat() const noexcept { return seconds(amqp_get_heartbeat(state_.get())); }

void Session::open_channel(amqp_channel_t channel) {
  amqp_channel_open(state_.get(), channel);
  check(channel, "opening a channel");
}

void Session::close_channel(amqp_channel_t channel) {
  check(amqp_channel_close(state_.get(), channel, AMQP_REPLY_SUCCESS), channel,
        "closing a channel");
}

void Session::select_confirms() {
  amqp_confirm_select(state_.get(), kMessages);
  check(kMessages, "asking for confirms");
}

void Session::set_prefetch(std::uint16_t count) {
  constexpr std::uint32_t kAnySize = 0;
  amqp_basic_qos(state_.get(), kMessages, kAnySize, count, false);
  check(kMessages, "setting the prefetch count");
}

void Session::declare(const Exchange& exchange, amqp_channel_t channel) {
  amqp_exchange_declare(state_.get(), channel, bytes(exchange.name),
                        amqp_cstring_bytes(exchange.type), false, exchange.durable,
                        exchange.auto_delete, false, amqp_empty_table);
  check(channel, fmt::format("declaring the exchange {}", printable(exchange.name)));
}

void Session::declare(const Subscribed& subscribed, amqp_channel_t channel) {
  const auto& queue = subscribed.queue;
  const bool bound = !subscribed.exchange.name.empty();
  if (bound) declare(subscribed.exchange, channel);
  const Table arguments(queue.arguments);
  amqp_queue_declare(state_.get(), channel, bytes(queue.name), false, queue.durable, false,
                     queue.auto_delete, arguments.get());
  check(channel, fmt::format("declaring the queue {}", printable(queue.name)));
  if (!bound) return;
  amqp_queue_bind(state_.get(), channel, bytes(queue.name), bytes(subscribed.exchange.name),
                  bytes(subscribed.binding_key), amqp_empty_table);
  check(channel, fmt::format("binding the queue {}", printable(queue.name)));
}

void Session::consume(const std::string& queue, const std::string& tag,
                      const Arguments& arguments) {
  const Table table(arguments);
  amqp_basic_consume(state_.get(), kMessages, bytes(queue), bytes(tag), false, false, false,
                     table.get());
  check(kMessages, fmt::format("consuming from the queue {}", printable(queue)));
}

void Session::cancel(const std::string& tag) {
  amqp_basic_cancel_t cancel{.consumer_tag = bytes(tag), .nowait = true};
  check_status(amqp_send_method(state_.get(), kMessages, AMQP_BASIC_CANCEL_METHOD, &cancel),
               "cancelling a consumer");
}

void Session::delete_queue(const std::string& queue) {
  amqp_queue_delete(state_.get(), kMessages, bytes(queue), false, false);
  check(kMessages, fmt::format("deleting the queue {}", printable(queue)));
}

void Session::publish(const Outgoing& message, FrameSink& sink) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG |
                      AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                      AMQP_BASIC_PRIORITY_FLAG;
  properties.content_type = bytes(wire::kContentType);
  properties.content_encoding = bytes(wire::kContentEncoding);
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  Arguments headers;
  for (const auto& [name, value] : message.headers) headers.push_back({name, value});
  const Table table(headers);
  properties.headers = table.get();
  const auto expiration = std::to_string(message.expiration.count());
  if (message.expiration.count() > 0) {
    properties._flags |= AMQP_BASIC_EXPIRATION_FLAG;
    properties.expiration = bytes(expiration);
  }
  if (!message.message_id.empty()) {
    properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
    properties.message_id = bytes(message.message_id);
  }
  if (message.body.size() > kFrameMax) return publish_long(message, properties, sink);
  check_status(amqp_basic_publish(state_.get(), kMessages, bytes(message.exchange),
                                  bytes(message.routing_key), message.mandatory, false, &properties,
                                  bytes(message.body)),
               "publishing");
}

void Session::acknowledge(std::uint64_t tag, bool multiple) {
  check_status(amqp_basic_ack(state_.get(), kMessages, tag, multiple), "acknowledging");
}

void Session::reject(std::uint64_t tag, bool requeue) {
  check_status(amqp_basic_reject(state_.get(), kMessages, tag, requeue), "rejecting a message");
}

bool Session::has_input() const noexcept {
  if (amqp_frames_enqueued(state_.get()) != 0 || amqp_data_in_buffer(state_.get()) != 0)
    return true;
  return tls_ && tls_->has_input();
}

bool Session::can_write() const noexcept {
  pollfd socket{this->socket(), POLLOUT, 0};
  return ::poll(&socket, 1, 0) == 1 && (socket.revents & POLLOUT) != 0;
}

bool Session::read(FrameSink& sink) {
  bool any = false;
  do {
    constexpr timeval kNow{};
    amqp_frame_t frame;
    const auto status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &kNow);
    if (status == AMQP_STATUS_TIMEOUT) return any;
    check_status(status, "reading");
    on_frame(frame, sink);
    any = true;
  } while (has_input());
  return any;
}

void Session::on_frame(const amqp_frame_t& frame, FrameSink& sink) {
  constexpr std::string_view kDoing = "while messages flowed";
  if (frame.frame_type == AMQP_FRAME_METHOD) {
    const auto& method = frame.payload.method;
    if (method.id == AMQP_CONNECTION_CLOSE_METHOD || method.id == AMQP_CHANNEL_CLOSE_METHOD)
      closed(method, frame.channel, kDoing);
  }
  if (frame.channel == kMessages || frame.channel == 0) assembler_.feed(frame, sink);
}

void Session::release_buffers() noexcept { amqp_maybe_release_buffers(state_.get()); }

// A frame that was written in part must stay so: whatever followed it would pass for its rest.
void Session::check_status(int status, std::string_view doing) {
  if (status >= 0) return;
  line_failed_ = is_of_line(status);
  if (line_failed_) ::shutdown(socket(), SHUT_WR);
  throw ConnectionLost(fmt::format("{}: {}", doing,
                                   watchdog_.has_bitten()
                                       ? "the peer took next to nothing of what was sent to it"
                                       : reason_of(status)));
}

void Session::check(amqp_channel_t channel, std::string_view doing) {
  check(amqp_get_rpc_reply(state_.get()), channel, doing);
}

void Session::check(const amqp_rpc_reply_t& reply, amqp_channel_t channel, std::string_view doing) {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return;
    case AMQP_RESPONSE_SERVER_EXCEPTION:
      closed(reply.reply, channel, doing);
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      check_status(reply.library_error, doing);
      [[fallthrough]];
    case AMQP_RESPONSE_NONE:
      break;
  }
  throw ConnectionLost(fmt::format("{}: the broker does not answer as it should", doing));
}

// The broker closed a channel or everything, and expects an answer to that.
void Session::closed(const amqp_method_t& method, amqp_channel_t channel, std::string_view doing) {
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    amqp_channel_close_ok_t ok{};
    amqp_send_method(state_.get(), channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    if (channel == kMessages) assembler_.reset();
    throw_channel_closed(*static_cast<amqp_channel_close_t*>(method.decoded), channel, doing);
  }
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    dismissed_ = true;
    amqp_connection_close_ok_t ok{};
    amqp_send_method(state_.get(), 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
    throw_connection_closed(*static_cast<amqp_connection_close_t*>(method.decoded), doing);
  }
  throw ConnectionLost(fmt::format("{}: the broker answered with an unexpected method", doing));
}

}  // namespace gantry::rabbit
