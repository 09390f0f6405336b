// SPDX-License-Identifier: Apache-2.0
#include "login.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "settings.hpp"
#include "tls_context.hpp"

namespace gantry::rabbit {
namespace {

bool is_remote(const Broker& broker) {
  const std::string_view host = broker.host;
  const bool loopback = host.starts_with("127.") && is_address(broker.host);  // else it is a name
  return host != "localhost" && host != "::1" && !loopback;
}

void warn_of_guest(const Settings& settings) {
  const auto hopeless = std::ranges::find_if(settings.brokers, [](const Broker& broker) {
    return broker.user == "guest" && is_remote(broker);
  });
  if (hopeless == settings.brokers.end()) return;
  log(LogLevel::warning,
      fmt::format("rabbit: the user for {} is guest, whom RabbitMQ lets in from its own machine "
                  "only; name another one in the URL",
                  hopeless->name()));
}

}  // namespace

LoginMethod login_of(const Options& options) {
  const auto& method = options.get<std::string>("rabbit_login_method");
  return method == "EXTERNAL" ? LoginMethod::external : LoginMethod::password;
}

void check_login(const Settings& settings, const Options& options) {
  const bool by_password = settings.login == LoginMethod::password;
  if (!by_password && (!settings.tls || settings.tls->cert_file.empty()))
    throw ConfigurationError(
        "rabbit_login_method EXTERNAL needs TLS and a certificate; set ssl=true and ssl_cert_file");
  const auto remote = std::ranges::find_if(settings.brokers, is_remote);
  const bool readable = by_password && !settings.tls && remote != settings.brokers.end();
  if (readable && !options.get<bool>("allow_plain_over_tcp"))
    throw ConfigurationError(
        fmt::format("the password for {} would be readable on its way; set ssl=true, or leave "
                    "allow_plain_over_tcp out",
                    remote->name()));
  if (by_password) warn_of_guest(settings);
}

}  // namespace gantry::rabbit
