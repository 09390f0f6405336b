// SPDX-License-Identifier: Apache-2.0
#include "raw_connection.hpp"

#include <amqp_tcp_socket.h>

#include <set>
#include <stdexcept>
#include <string_view>

namespace bench {

namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kWholeFrame = 131072;
constexpr timeval kPatience{.tv_sec = 30, .tv_usec = 0};

void check(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error("raw rabbitmq-c: " + what);
}

void check_status(int status, const std::string& what) {
  check(status == AMQP_STATUS_OK, what + ": " + amqp_error_string2(status));
}

void check_reply(const amqp_rpc_reply_t& reply, const std::string& what) {
  check(reply.reply_type == AMQP_RESPONSE_NORMAL, what + " was refused");
}

amqp_bytes_t bytes(std::string_view text) {
  return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

std::string text(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

}  // namespace

RawConnection::RawConnection(std::string url) : state_(amqp_new_connection()) {
  if (url.starts_with("rabbit://")) url.replace(0, 6, "amqp");
  amqp_connection_info server{};
  check_status(amqp_parse_url(url.data(), &server), "URL");
  const std::string_view path = server.vhost;
  amqp_socket_t* socket = amqp_tcp_socket_new(state_);
  check_status(amqp_socket_open(socket, server.host, server.port), "connecting");
  check_reply(amqp_login(state_, path.empty() ? "/" : server.vhost, 0, kWholeFrame, 0,
                         AMQP_SASL_METHOD_PLAIN, server.user, server.password),
              "login");
  check(amqp_channel_open(state_, kChannel) != nullptr, "no channel");
  check(amqp_confirm_select(state_, kChannel) != nullptr, "no confirms");
}

RawConnection::~RawConnection() { amqp_destroy_connection(state_); }

std::string RawConnection::consume(const std::string& name) {
  const auto* declared =
      amqp_queue_declare(state_, kChannel, bytes(name), 0, 0, 0, 1, amqp_empty_table);
  check(declared != nullptr, "no queue");
  std::string queue = text(declared->queue);
  const auto* consumer = amqp_basic_consume(state_, kChannel, bytes(queue), amqp_empty_bytes, 0, 0,
                                            0, amqp_empty_table);
  check(consumer != nullptr, "no consumer");
  return queue;
}

std::string RawConnection::declare() {
  constexpr amqp_boolean_t exclusive = 1;
  const auto* declared =
      amqp_queue_declare(state_, kChannel, amqp_empty_bytes, 0, 0, exclusive, 1, amqp_empty_table);
  check(declared != nullptr, "no queue");
  return text(declared->queue);
}

void RawConnection::publish(const std::string& queue, const Delivery& message) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG;
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  properties.correlation_id = bytes(message.correlation_id);
  if (!message.reply_to.empty()) {
    properties._flags |= AMQP_BASIC_REPLY_TO_FLAG;
    properties.reply_to = bytes(message.reply_to);
  }
  constexpr amqp_boolean_t mandatory = 1;
  check_status(amqp_basic_publish(state_, kChannel, amqp_empty_bytes, bytes(queue), mandatory, 0,
                                  &properties, bytes(message.body)),
               "publishing");
}

RawConnection::Confirm RawConnection::next_confirm() {
  amqp_maybe_release_buffers(state_);
  const amqp_frame_t frame = wait_for_frame();
  check(frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD,
        "a message was not confirmed");
  const auto* method = static_cast<amqp_basic_ack_t*>(frame.payload.method.decoded);
  return {method->delivery_tag, method->multiple != 0};
}

RawConnection::Delivery RawConnection::next() {
  amqp_maybe_release_buffers(state_);
  while (true) {
    const amqp_frame_t frame = wait_for_frame();
    check(frame.frame_type == AMQP_FRAME_METHOD, "a frame out of order");
    if (frame.payload.method.id == AMQP_BASIC_ACK_METHOD) continue;
    check(frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD, "a message was not delivered");
    const auto* method = static_cast<amqp_basic_deliver_t*>(frame.payload.method.decoded);
    Delivery delivery{.tag = method->delivery_tag};
    take_header(delivery);
    return delivery;
  }
}

std::vector<RawConnection::Delivery> RawConnection::arrived() {
  amqp_maybe_release_buffers(state_);
  std::vector<Delivery> deliveries;
  do {
    amqp_frame_t frame{};
    constexpr timeval now{};
    const int status = amqp_simple_wait_frame_noblock(state_, &frame, &now);
    if (status == AMQP_STATUS_TIMEOUT) break;
    check_status(status, "waiting for a frame");
    if (frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD) continue;
    const auto* method = static_cast<amqp_basic_deliver_t*>(frame.payload.method.decoded);
    deliveries.push_back({.tag = method->delivery_tag});
    take_header(deliveries.back());
  } while (has_input());
  return deliveries;
}

bool RawConnection::has_input() const {
  return amqp_frames_enqueued(state_) != 0 || amqp_data_in_buffer(state_) != 0;
}

void RawConnection::acknowledge(const Delivery& delivery, bool all_before) {
  check_status(amqp_basic_ack(state_, kChannel, delivery.tag, all_before), "acknowledging");
}

const std::string RawConnection::kAlikeExchange = "bench_alike";

void RawConnection::publish_alike(const std::string& exchange, const std::string& key,
                                  const std::string& body, bool expires) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG |
                      AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                      AMQP_BASIC_PRIORITY_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
  properties.content_type = bytes("application/json");
  properties.content_encoding = bytes("utf-8");
  properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
  properties.message_id = bytes("0123456789abcdef0123456789abcdef");
  if (expires) {
    properties._flags |= AMQP_BASIC_EXPIRATION_FLAG;
    properties.expiration = bytes("60000");
  }
  constexpr amqp_boolean_t mandatory = 1;
  check_status(amqp_basic_publish(state_, kChannel, bytes(exchange), bytes(key), mandatory, 0,
                                  &properties, bytes(body)),
               "publishing");
}

void RawConnection::consume_alike(const std::string& name) {
  check(amqp_exchange_declare(state_, kChannel, bytes(kAlikeExchange), bytes("topic"), 0, 0, 0, 0,
                              amqp_empty_table) != nullptr,
        "no exchange");
  set_prefetch(1000);
  consume(name);
  check(amqp_queue_bind(state_, kChannel, bytes(name), bytes(kAlikeExchange), bytes(name),
                        amqp_empty_table) != nullptr,
        "no binding");
}

void RawConnection::set_prefetch(std::uint16_t count) {
  check(amqp_basic_qos(state_, kChannel, 0, count, 0) != nullptr, "no prefetch");
}

std::string RawConnection::fill(std::size_t count, const std::string& body) {
  std::string queue = declare();
  const Delivery message{.body = body};
  std::set<std::uint64_t> unconfirmed;
  for (std::uint64_t number = 1; number <= count || !unconfirmed.empty();) {
    constexpr std::size_t window = 100;
    for (; number <= count && unconfirmed.size() < window; ++number) {
      publish(queue, message);
      unconfirmed.insert(number);
    }
    const auto [last, all_before] = next_confirm();
    const auto from = all_before ? unconfirmed.begin() : unconfirmed.find(last);
    unconfirmed.erase(from, unconfirmed.upper_bound(last));
  }
  return queue;
}

void RawConnection::consume_filled(const std::string& queue) {
  check(amqp_basic_consume(state_, kChannel, bytes(queue), amqp_empty_bytes, 0, 0, 0,
                           amqp_empty_table) != nullptr,
        "no consumer");
}

amqp_frame_t RawConnection::wait_for_frame() {
  amqp_frame_t frame{};
  timeval rest = kPatience;
  check_status(amqp_simple_wait_frame_noblock(state_, &frame, &rest), "waiting for a frame");
  return frame;
}

void RawConnection::take_header(Delivery& delivery) {
  const amqp_frame_t frame = wait_for_frame();
  check(frame.frame_type == AMQP_FRAME_HEADER, "a delivery without a header");
  const auto* properties = static_cast<amqp_basic_properties_t*>(frame.payload.properties.decoded);
  delivery.correlation_id = text(properties->correlation_id);
  if (properties->_flags & AMQP_BASIC_REPLY_TO_FLAG) delivery.reply_to = text(properties->reply_to);
  take_body(delivery, frame.payload.properties.body_size);
}

void RawConnection::take_body(Delivery& delivery, std::size_t size) {
  while (delivery.body.size() < size) {
    const amqp_frame_t frame = wait_for_frame();
    check(frame.frame_type == AMQP_FRAME_BODY, "a delivery without its body");
    delivery.body += text(frame.payload.body_fragment);
  }
}

}  // namespace bench
