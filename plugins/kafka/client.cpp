// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <array>
#include <string>

#include "gantry/error.hpp"
#include "gantry/log.hpp"

namespace gantry::kafka {
namespace {

constexpr std::size_t kErrorBytes = 512;

// What is normal while a broker is away would fill the log; the driver tells what matters itself.
void forward_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
  constexpr int syslog_critical = 2;
  constexpr int syslog_info = 6;
  const auto ours = level <= syslog_critical ? LogLevel::warning
                    : level < syslog_info    ? LogLevel::info
                                             : LogLevel::debug;
  if (!log_enabled(ours)) return;
  constexpr std::size_t longest = 500;
  log(ours, fmt::format("kafka: {}: {}", facility, printable(text, longest)));
}

// librdkafka asks for addresses of the families that the machine has one of, where the loopback
// does not count: beside an IPv6 link alone, localhost would have no IPv4 address. Where that finds
// nothing, all are asked for. Without a name it gives back what it was given.
int resolve(const char* host, const char* service, const addrinfo* hints, addrinfo** found, void*) {
  if (host == nullptr && service == nullptr) {
    ::freeaddrinfo(*found);
    return 0;
  }
  if (const auto error = ::getaddrinfo(host, service, hints, found); error == 0) return 0;
  auto any = *hints;
  any.ai_flags &= ~AI_ADDRCONFIG;
  return ::getaddrinfo(host, service, &any, found);
}

bool is_secret(std::string_view name) {
  return name.find("password") != name.npos || name.find("secret") != name.npos ||
         name.find(".pem") != name.npos;
}

}  // namespace

ClientConf::ClientConf(const Settings& settings, const ClientSettings& own, void* opaque)
    : settings_(settings), conf_(rd_kafka_conf_new()) {
  rd_kafka_conf_set_opaque(conf_.get(), opaque);
  rd_kafka_conf_set_log_cb(conf_.get(), forward_log);
  rd_kafka_conf_set_resolve_cb(conf_.get(), resolve);
  for (const auto& [name, value] : settings.client) set(name, value);
  for (const auto& [name, value] : own) set(name, value);
}

void ClientConf::set(const std::string& name, const std::string& value) {
  std::array<char, kErrorBytes> error{};
  const auto result =
      rd_kafka_conf_set(conf_.get(), name.c_str(), value.c_str(), error.data(), error.size());
  if (result == RD_KAFKA_CONF_OK) return;
  throw ConfigurationError(
      is_secret(name)
          ? fmt::format("librdkafka does not take the value of {}", name)
          : fmt::format("librdkafka refuses {}: {}", printable(name), printable(error.data())));
}

// A setting of the other kind of client is passed over, which librdkafka says in its log.
Client ClientConf::make(rd_kafka_type_t type) && {
  for (const auto& [name, value] : settings_.overrides) set(name, value);
  std::array<char, kErrorBytes> error{};
  Client client(rd_kafka_new(type, conf_.get(), error.data(), error.size()));
  if (!client)
    throw ConfigurationError(
        fmt::format("librdkafka refuses the settings: {}", printable(error.data())));
  static_cast<void>(conf_.release());  // the client's now
  return client;
}

}  // namespace gantry::kafka
