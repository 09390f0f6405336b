// SPDX-License-Identifier: Apache-2.0
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <fmt/format.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "fault.hpp"
#include "gantry/kit/wire.hpp"
#include "gantry/log.hpp"
#include "session.hpp"
#include "time_value.hpp"
#include "version.hpp"

namespace gantry::rabbit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kChannelMax = 0;  // the broker's own limit

// What we can do tells the broker to send basic.cancel and connection.blocked, and to say why a
// login fails.
Arguments client_properties() {
  return {{"product", std::string("gantry")},
          {"product_version", std::string(kVersion)},
          {"capabilities", Arguments{{"authentication_failure_close", true},
                                     {"basic.nack", true},
                                     {"connection.blocked", true},
                                     {"consumer_cancel_notify", true},
                                     {"publisher_confirms", true}}},
          {"connection_name",
           fmt::format("{}:{}:{}", program_invocation_short_name, ::getpid(), wire::new_uuid())}};
}

milliseconds send_limit(const Settings& settings) {
  constexpr seconds kWithoutHeartbeat{60};
  return settings.heartbeat.count() > 0 ? settings.heartbeat : kWithoutHeartbeat;
}

}  // namespace

Socket Session::reach(const Broker& broker, const Settings& settings, const Interrupt& interrupt,
                      milliseconds limit) {
  return connect_tcp(broker.host, broker.port, Deadline::after(limit), send_limit(settings),
                     interrupt);
}

Session::Session(Socket socket, const Broker& broker, const Settings& settings,
                 Interrupt& interrupt)
    : peer_(broker.name()),
      socket_(std::move(socket)),
      state_(amqp_new_connection()),
      watchdog_(socket_.fd(), send_limit(settings)),
      assembler_(settings.max_message_bytes) {
  if (!state_) throw std::bad_alloc();
  const auto limit = Deadline::after(kConnectLimit);
  watch(interrupt);
  if (settings.tls) {
    encrypt(broker.host, *settings.tls, limit);
  } else {
    auto* const transport = amqp_tcp_socket_new(state_.get());
    if (transport == nullptr) throw std::bad_alloc();
    amqp_tcp_socket_set_sockfd(transport, socket_.duplicate().release());
  }
  log_in(broker, settings, limit);
}

void Session::encrypt(const std::string& host, const TlsSettings& settings, Deadline limit) {
  tls_ = std::make_unique<TlsSocket>(state_.get(), socket_, host, settings, limit);
  if (settings.verify_peer) return;
  log(LogLevel::warning,
      fmt::format("rabbit: whoever answers at {} is trusted: insecure_skip_verify", peer_));
}

void Session::log_in(const Broker& broker, const Settings& settings, Deadline deadline) {
  constexpr std::string_view kDoing = "logging in";
  const auto limit = time_value(deadline);
  amqp_set_handshake_timeout(state_.get(), &limit);
  const auto properties = client_properties();
  const Table table(properties);
  const auto as = [&](amqp_sasl_method_enum mechanism, auto... credentials) {
    return amqp_login_with_properties(state_.get(), settings.virtual_host.c_str(), kChannelMax,
                                      kFrameMax, static_cast<int>(settings.heartbeat.count()),
                                      &table.get(), mechanism, credentials...);
  };
  const auto reply =
      settings.login == LoginMethod::external
          ? as(AMQP_SASL_METHOD_EXTERNAL, broker.user.c_str())  // the certificate decides
          : as(AMQP_SASL_METHOD_PLAIN, broker.user.c_str(), broker.password.c_str());
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
    if (tls_ && reply.library_error == AMQP_STATUS_SSL_ERROR) tls_->refused(kDoing, socket_);
    if (reply.library_error == AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD)
      throw AuthenticationFailed(
          "the broker does not offer the login that rabbit_login_method names");
  }
  check(reply, 0, kDoing);
  const auto request_limit = time_value(kRequestLimit);
  amqp_set_rpc_timeout(state_.get(), &request_limit);
  open_channel(kMessages);
}

}  // namespace gantry::rabbit
