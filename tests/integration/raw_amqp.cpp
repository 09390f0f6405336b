// SPDX-License-Identifier: Apache-2.0
#include "raw_amqp.hpp"

#include <amqp_tcp_socket.h>

#include <stdexcept>

#include "gantry/transport_url.hpp"

namespace gantry::test {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr amqp_channel_t kProbe = 2;  // closed by the broker when what it asks for is missing

amqp_bytes_t bytes(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

std::string text(amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

RawAmqp::Message message_of(const amqp_message_t& raw) {
  const auto& properties = raw.properties;
  const auto given = [&](amqp_flags_t flag, amqp_bytes_t value) {
    return (properties._flags & flag) != 0 ? text(value) : std::string();
  };
  std::string compression;
  for (int i = 0; i < properties.headers.num_entries; ++i) {
    const auto& entry = properties.headers.entries[i];
    if (text(entry.key) == "compression") compression = text(entry.value.value.bytes);
  }
  return {.body = text(raw.body),
          .content_type = given(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type),
          .message_id = given(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id),
          .expiration = given(AMQP_BASIC_EXPIRATION_FLAG, properties.expiration),
          .headers = static_cast<std::size_t>(properties.headers.num_entries),
          .compression = std::move(compression),
          .delivery_mode = properties.delivery_mode,
          .priority = properties.priority};
}

}  // namespace

RawAmqp::RawAmqp(std::string url) : state_(amqp_new_connection()) {
  const auto host = TransportUrl::parse(url).hosts.at(0);
  auto* const socket = amqp_tcp_socket_new(state_);
  if (amqp_socket_open(socket, host.hostname->c_str(), host.port.value_or(5672)) != AMQP_STATUS_OK)
    throw std::runtime_error("cannot connect to " + *host.hostname);
  constexpr int frame_max = 131072;
  const auto reply = amqp_login(state_, "/", 0, frame_max, 0, AMQP_SASL_METHOD_PLAIN,
                                host.username->c_str(), host.password->c_str());
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) throw std::runtime_error("login refused");
  amqp_channel_open(state_, kChannel);
  check("channel.open");
}

RawAmqp::~RawAmqp() {
  amqp_connection_close(state_, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(state_);
}

void RawAmqp::declare_exchange(const std::string& name, const char* type, bool durable) {
  amqp_exchange_declare(state_, kChannel, bytes(name), amqp_cstring_bytes(type), false, durable,
                        false, false, amqp_empty_table);
  check("exchange.declare");
}

void RawAmqp::declare_queue(const std::string& name) {
  amqp_queue_declare(state_, kChannel, bytes(name), false, false, false, false, amqp_empty_table);
  check("queue.declare");
}

void RawAmqp::bind(const std::string& queue, const std::string& exchange, const std::string& key) {
  amqp_queue_bind(state_, kChannel, bytes(queue), bytes(exchange), bytes(key), amqp_empty_table);
  check("queue.bind");
}

void RawAmqp::delete_queue(const std::string& name) {
  amqp_queue_delete(state_, kChannel, bytes(name), false, false);
  check("queue.delete");
}

bool RawAmqp::has_queue(const std::string& name) {
  amqp_channel_open(state_, kProbe);
  check("channel.open");
  amqp_queue_declare(state_, kProbe, bytes(name), true, false, false, false, amqp_empty_table);
  if (amqp_get_rpc_reply(state_).reply_type == AMQP_RESPONSE_NORMAL) {
    amqp_channel_close(state_, kProbe, AMQP_REPLY_SUCCESS);
    return true;
  }
  amqp_channel_close_ok_t ok{};
  amqp_send_method(state_, kProbe, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
  return false;
}

void RawAmqp::publish(std::string_view exchange, std::string_view key, std::string_view body,
                      const char* content_type, const std::string& compression) {
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG;
  properties.content_type = amqp_cstring_bytes(content_type);
  amqp_table_entry_t header{.key = bytes("compression"), .value = {}};
  header.value.kind = AMQP_FIELD_KIND_UTF8;
  header.value.value.bytes = bytes(compression);
  if (!compression.empty()) {
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
    properties.headers = {1, &header};
  }
  if (amqp_basic_publish(state_, kChannel, bytes(exchange), bytes(key), false, false, &properties,
                         bytes(body)) != AMQP_STATUS_OK)
    throw std::runtime_error("basic.publish failed");
  amqp_basic_qos(state_, kChannel, 0, 0, false);  // answered once the message is in its queue
  check("basic.publish");
}

void RawAmqp::consume(const std::string& queue) {
  amqp_basic_consume(state_, kChannel, bytes(queue), amqp_empty_bytes, false, true, false,
                     amqp_empty_table);
  check("basic.consume");
}

std::optional<RawAmqp::Message> RawAmqp::next(std::chrono::seconds patience) {
  amqp_envelope_t envelope;
  const timeval limit{patience.count(), 0};
  if (amqp_consume_message(state_, &envelope, &limit, 0).reply_type != AMQP_RESPONSE_NORMAL)
    return std::nullopt;
  auto message = message_of(envelope.message);
  amqp_destroy_envelope(&envelope);
  return message;
}

void RawAmqp::check(std::string_view doing) {
  if (amqp_get_rpc_reply(state_).reply_type != AMQP_RESPONSE_NORMAL)
    throw std::runtime_error(std::string(doing) + " failed");
}

}  // namespace gantry::test
