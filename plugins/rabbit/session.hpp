// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "arguments.hpp"
#include "frames.hpp"
#include "gantry/deadline.hpp"
#include "gantry/message.hpp"
#include "interrupt.hpp"
#include "settings.hpp"
#include "tcp.hpp"
#include "tls_socket.hpp"
#include "topology.hpp"
#include "watchdog.hpp"

namespace gantry::rabbit {

// What is published; the texts are borrowed.
struct Outgoing {
  std::string_view exchange;  // empty: the broker's default exchange
  std::string_view routing_key;
  std::string_view body;
  std::string_view message_id{};  // only where a return has to be recognised
  bool mandatory = false;
  std::chrono::milliseconds expiration{};  // 0: none
  const Headers& headers;
  Deadline deadline = never;  // nobody wants it written later than that
};

// One AMQP connection, from the TCP handshake to the end; messages flow on channel 1. It belongs to
// one thread. Every verb ends within the limits below or, for a write, when the watchdog bites:
// when the peer takes nothing, or next to nothing, for the heartbeat's time. Errors are
// ConnectionLost, after which the session is of no use, or ChannelClosed, after which
// `open_channel` must be called for that channel.
class Session {
 public:
  static constexpr std::chrono::seconds kConnectLimit{2};   // TCP; as long for TLS and login
  static constexpr std::chrono::seconds kRequestLimit{10};  // a declaration and its like

  // The TCP connection that a session is made of.
  static Socket reach(const Broker& broker, const Settings& settings, const Interrupt& interrupt,
                      std::chrono::milliseconds limit = kConnectLimit);
  // Shakes hands where TLS was asked for, and logs in. Also throws AuthenticationFailed,
  // TlsRefused.
  Session(Socket tcp, const Broker& broker, const Settings& settings, Interrupt& interrupt);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();
  void close() noexcept;  // takes leave of the broker first, for at most half a second

  // From now on this interrupt cuts it off, and no other.
  void watch(Interrupt& interrupt);

  int socket() const noexcept { return socket_.fd(); }
  const std::string& peer() const noexcept { return peer_; }
  std::chrono::seconds heartbeat() const noexcept;  // as negotiated; 0: none

  static constexpr amqp_channel_t kMessages = 1;
  static constexpr amqp_channel_t kDeclarations = 2;  // a refused declaration hurts no message
  void open_channel(amqp_channel_t channel);
  void close_channel(amqp_channel_t channel);
  void select_confirms();
  void set_prefetch(std::uint16_t count);

  void declare(const Exchange& exchange, amqp_channel_t channel);
  void declare(const Subscribed& subscribed, amqp_channel_t channel);  // exchange, queue, binding
  void consume(const std::string& queue, const std::string& tag, const Arguments& arguments);
  void cancel(const std::string& tag);  // without waiting
  void delete_queue(const std::string& queue);

  // A long message is written while what arrives goes to `sink`; ChannelClosed then says that it
  // was not written to its end, just as ConnectionLost always does.
  void publish(const Outgoing& message, FrameSink& sink);
  void acknowledge(std::uint64_t tag, bool multiple);
  void reject(std::uint64_t tag, bool requeue);

  // Whether something waits in the library's or OpenSSL's buffers, which no poll of the socket
  // shows.
  bool has_input() const noexcept;
  bool can_write() const noexcept;  // a little, without waiting
  // Takes what has arrived, as far as one read of the socket brought it, and lets the library look
  // after its heartbeats. Never waits. False: nothing had arrived.
  bool read(FrameSink& sink);
  // The line failed, and not the protocol: nothing more is sent, but what had arrived can be read.
  bool line_failed() const noexcept { return line_failed_; }
  // The broker closed the connection, and said why.
  bool dismissed() const noexcept { return dismissed_; }
  void release_buffers() noexcept;

 private:
  static constexpr int kFrameMax = 131072;

  struct Destroy {
    void operator()(amqp_connection_state_t state) const noexcept {
      amqp_destroy_connection(state);
    }
  };
  using State = std::unique_ptr<amqp_connection_state_t_, Destroy>;

  void encrypt(const std::string& host, const TlsSettings& settings, Deadline limit);
  void log_in(const Broker& broker, const Settings& settings, Deadline deadline);
  void publish_long(const Outgoing& message, amqp_basic_properties_t& properties, FrameSink& sink);
  void send_frame(const amqp_frame_t& frame);
  void wait_writable(Deadline deadline, FrameSink& sink);
  void check_status(int status, std::string_view doing);
  void check(const amqp_rpc_reply_t& reply, amqp_channel_t channel, std::string_view doing);
  void check(amqp_channel_t channel, std::string_view doing);
  [[noreturn]] void closed(const amqp_method_t& method, amqp_channel_t channel,
                           std::string_view doing);
  void on_frame(const amqp_frame_t& frame, FrameSink& sink);

  const std::string peer_;
  const Socket socket_;  // our own descriptor: the library closes its when it likes
  const State state_;
  std::unique_ptr<TlsSocket> tls_{};  // null without TLS
  Watchdog watchdog_;
  std::unique_ptr<Interrupt::Watch> watch_;
  Assembler assembler_;
  bool line_failed_ = false;
  bool dismissed_ = false;
};

}  // namespace gantry::rabbit
