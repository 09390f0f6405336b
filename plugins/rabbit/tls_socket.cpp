// SPDX-License-Identifier: Apache-2.0
#include "tls_socket.hpp"

#include <amqp_ssl_socket.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include "fault.hpp"
#include "time_value.hpp"
#include "tls_context.hpp"
#include "tls_fault.hpp"

namespace gantry::rabbit {
namespace {

// A port of this machine that takes a connection of this process, which nobody reads.
class Landing {
 public:
  static constexpr const char* kHost = "127.0.0.1";

  Landing() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr int kBacklog = 16;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (socket_.fd() < 0 || ::bind(socket_.fd(), generic, size) != 0 ||
        ::listen(socket_.fd(), kBacklog) != 0 || ::getsockname(socket_.fd(), generic, &size) != 0)
      throw ConnectionLost(fmt::format("TLS needs the loopback interface, {}: {}", kHost,
                                       std::generic_category().message(errno)));
    port_ = ntohs(address.sin_port);
  }

  int port() const noexcept { return port_; }

 private:
  Socket socket_;
  int port_ = 0;
};

// What the callback of a handshake works on.
struct Handshake {
  amqp_socket_t* socket;
  int tcp;
  const char* server_name;  // null for an address, which SNI does not have
  SSL* ssl = nullptr;
  long verdict = X509_V_OK;  // on the peer's certificate
};

// rabbitmq-c's TLS socket makes its TCP connection itself: it cannot be given one, cut short before
// the handshake, nor told to check anything before it sends. So it connects to a Landing, and as
// the handshake begins its descriptor is made to mean our connection; from then on it is that one
// which OpenSSL writes to and rabbitmq-c polls.
void take_over(Handshake& handshake, SSL* ssl) {
  handshake.ssl = ssl;
  ::dup3(handshake.tcp, ::amqp_socket_get_sockfd(handshake.socket), O_CLOEXEC);
  // The macro for this casts as C does.
  ::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(handshake.server_name));
}

constexpr int kAppData = 0;  // OpenSSL's index for the application

void on_progress(const SSL* ssl, int where, int) {
  auto& handshake =
      *static_cast<Handshake*>(::SSL_CTX_get_ex_data(::SSL_get_SSL_CTX(ssl), kAppData));
  if (where == SSL_CB_HANDSHAKE_START && handshake.ssl == nullptr)
    take_over(handshake, const_cast<SSL*>(ssl));
  if ((where & SSL_CB_EXIT) != 0) handshake.verdict = ::SSL_get_verify_result(ssl);
}

std::string remedy(long verdict, const std::string& host) {
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "; it does not name " + host;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "; name the file of its authority in ssl_ca_file";
    default:
      return "";
  }
}

[[noreturn]] void certificate_refused(long verdict, const std::string& host) {
  throw TlsRefused(fmt::format("the certificate is refused: {}{}",
                               ::X509_verify_cert_error_string(verdict), remedy(verdict, host)));
}

[[noreturn]] void failed(int status, const Handshake& handshake) {
  constexpr std::string_view kDoing = "in the TLS handshake";
  if (status == AMQP_STATUS_SSL_CONNECTION_FAILED && handshake.ssl != nullptr)
    throw_tls_fault(kDoing);
  throw ConnectionLost(fmt::format("{}: {}", kDoing, amqp_error_string2(status)));
}

}  // namespace

void TlsSocket::Free::operator()(SSL* ssl) const noexcept { ::SSL_free(ssl); }

TlsSocket::TlsSocket(amqp_connection_state_t state, const Socket& tcp, const std::string& host,
                     const TlsSettings& settings, Deadline deadline) {
  auto* const socket = ::amqp_ssl_socket_new(state);
  if (socket == nullptr) throw std::bad_alloc();
  // OpenSSL does both, before anything is sent; rabbitmq-c 0.11 would refuse every address.
  ::amqp_ssl_socket_set_verify_peer(socket, false);
  ::amqp_ssl_socket_set_verify_hostname(socket, false);
  auto& context = *static_cast<SSL_CTX*>(::amqp_ssl_socket_get_context(socket));
  configure(context, settings, host);

  Handshake handshake{
      .socket = socket, .tcp = tcp.fd(), .server_name = is_address(host) ? nullptr : host.c_str()};
  ::SSL_CTX_set_ex_data(&context, kAppData, &handshake);
  ::SSL_CTX_set_info_callback(&context, &on_progress);
  const Landing landing;
  const auto limit = time_value(deadline);
  const auto status = ::amqp_socket_open_noblock(socket, Landing::kHost, landing.port(), &limit);
  ::SSL_CTX_set_info_callback(&context, nullptr);
  ::SSL_CTX_set_ex_data(&context, kAppData, nullptr);
  if (status != AMQP_STATUS_OK || handshake.ssl == nullptr) {
    if (settings.verify_peer && handshake.verdict != X509_V_OK)
      certificate_refused(handshake.verdict, host);
    failed(status, handshake);
  }
  ::SSL_up_ref(handshake.ssl);
  ssl_.reset(handshake.ssl);
}

bool TlsSocket::has_input() const noexcept { return ::SSL_pending(ssl_.get()) > 0; }

// In TLS 1.3 the broker judges our certificate when we have done our part already. Where it closes
// the connection then, what we write fails before what it said is read, and the library has closed
// its descriptor.
void TlsSocket::refused(std::string_view doing, const Socket& tcp) {
  if (::ERR_peek_error() == 0) {
    char nothing = 0;
    ::BIO_set_fd(::SSL_get_rbio(ssl_.get()), tcp.fd(), BIO_NOCLOSE);
    ::SSL_read(ssl_.get(), &nothing, sizeof nothing);
  }
  throw_tls_fault(doing);
}

}  // namespace gantry::rabbit
