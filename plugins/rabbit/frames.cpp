// SPDX-License-Identifier: Apache-2.0
#include "frames.hpp"

#include <charconv>
#include <utility>

#include "fault.hpp"
#include "header_limits.hpp"

namespace gantry::rabbit {
namespace {

template <class Method>
const Method& as(const amqp_method_t& method) {
  return *static_cast<const Method*>(method.decoded);
}

std::optional<std::chrono::milliseconds> expiration_of(const amqp_basic_properties_t& properties) {
  if ((properties._flags & AMQP_BASIC_EXPIRATION_FLAG) == 0) return std::nullopt;
  const auto digits = view(properties.expiration);
  std::int64_t milliseconds = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), milliseconds);
  if (read.ec != std::errc() || milliseconds < 0) return std::nullopt;
  return std::chrono::milliseconds(milliseconds);
}

std::optional<std::int64_t> stream_offset_of(const amqp_table_t& table) {
  for (int i = 0; i < table.num_entries; ++i) {
    const auto& entry = table.entries[i];
    if (entry.value.kind == AMQP_FIELD_KIND_I64 && view(entry.key) == "x-stream-offset")
      return entry.value.value.i64;
  }
  return std::nullopt;
}

// Headers of other types than text are none of ours.
Headers headers_of(const amqp_table_t& table) {
  Headers headers;
  for (int i = 0; i < table.num_entries; ++i) {
    const auto& entry = table.entries[i];
    if (entry.value.kind == AMQP_FIELD_KIND_UTF8)
      headers.insert_or_assign(text(entry.key), text(entry.value.value.bytes));
  }
  return headers;
}

void read_properties(const amqp_basic_properties_t& properties, Delivery& delivery) {
  if ((properties._flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0)
    delivery.content_type = text(properties.content_type);
  if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
    delivery.headers_fault = headers_fault(properties.headers);
    if (delivery.headers_fault.empty()) delivery.headers = headers_of(properties.headers);
    delivery.stream_offset = stream_offset_of(properties.headers);
  }
  if (const auto compressed = delivery.headers.extract("compression"))
    delivery.compression = compressed.mapped();
  delivery.expiration = expiration_of(properties);
}

}  // namespace

void Assembler::feed(const amqp_frame_t& frame, FrameSink& sink) {
  switch (frame.frame_type) {
    case AMQP_FRAME_METHOD:
      return on_method(frame.payload.method, sink);
    case AMQP_FRAME_HEADER:
      return on_header(frame, sink);
    case AMQP_FRAME_BODY:
      return on_body(frame.payload.body_fragment, sink);
    default:
      return;
  }
}

void Assembler::reset() noexcept {
  content_ = Content::none;
  has_header_ = false;
}

void Assembler::on_method(const amqp_method_t& method, FrameSink& sink) {
  if (content_ != Content::none)
    throw ConnectionLost("the broker broke off the frames of a message");
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto& deliver = as<amqp_basic_deliver_t>(method);
      delivery_ = Delivery{.queue_tag = text(deliver.consumer_tag),
                           .tag = deliver.delivery_tag,
                           .redelivered = deliver.redelivered != 0};
      content_ = Content::delivery;
      return;
    }
    case AMQP_BASIC_RETURN_METHOD:
      returned_ = Returned{.reason = text(as<amqp_basic_return_t>(method).reply_text)};
      content_ = Content::returned;
      return;
    case AMQP_BASIC_ACK_METHOD: {
      const auto& ack = as<amqp_basic_ack_t>(method);
      return sink.on_confirm({ack.delivery_tag, ack.multiple != 0, true});
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& nack = as<amqp_basic_nack_t>(method);
      return sink.on_confirm({nack.delivery_tag, nack.multiple != 0, false});
    }
    case AMQP_BASIC_CANCEL_METHOD:
      return sink.on_consumer_cancelled(text(as<amqp_basic_cancel_t>(method).consumer_tag));
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return sink.on_blocked(text(as<amqp_connection_blocked_t>(method).reason));
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return sink.on_unblocked();
    default:
      return;  // an answer to something that was sent without waiting
  }
}

void Assembler::on_header(const amqp_frame_t& frame, FrameSink& sink) {
  if (content_ == Content::none || has_header_)
    throw ConnectionLost("the broker sent a content header without a message");
  const auto& header = frame.payload.properties;
  const auto& properties = *static_cast<const amqp_basic_properties_t*>(header.decoded);
  has_header_ = true;
  missing_ = header.body_size;
  if (content_ == Content::returned) {
    if ((properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG) != 0)
      returned_.message_id = text(properties.message_id);
  } else {
    read_properties(properties, delivery_);
    delivery_.size = header.body_size;
    delivery_.oversized = header.body_size > max_bytes_;
    if (!delivery_.oversized) delivery_.body.reserve(header.body_size);
  }
  if (missing_ == 0) finish(sink);
}

void Assembler::on_body(amqp_bytes_t fragment, FrameSink& sink) {
  if (!has_header_ || fragment.len > missing_)
    throw ConnectionLost("the broker sent more of a message than it announced");
  missing_ -= fragment.len;
  if (content_ == Content::delivery && !delivery_.oversized) delivery_.body.append(view(fragment));
  if (missing_ == 0) finish(sink);
}

void Assembler::finish(FrameSink& sink) {
  has_header_ = false;
  if (std::exchange(content_, Content::none) == Content::returned) {
    sink.on_returned(std::move(returned_));
  } else {
    sink.on_delivery(std::move(delivery_));
  }
}

}  // namespace gantry::rabbit
