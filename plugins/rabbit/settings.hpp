// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec.hpp"
#include "gantry/driver/descriptor.hpp"
#include "gantry/kit/retry.hpp"
#include "gantry/ledger.hpp"
#include "gantry/options.hpp"
#include "gantry/transport_url.hpp"
#include "login.hpp"
#include "queue_names.hpp"
#include "tls_settings.hpp"

namespace gantry::rabbit {

// One broker of the URL, with oslo.messaging's defaults filled in (wire §1).
struct Broker {
  std::string host;
  std::uint16_t port;
  std::string user;
  std::string password;

  std::string name() const;  // "host:port", for logs and errors
};

// What the options say about queues and exchanges (wire §3.2).
struct TopologySettings {
  bool durable = false;
  bool auto_delete = false;
  bool ha_queues = false;
  bool quorum = false;
  bool transient_quorum = false;
  bool stream_fanout = false;  // one stream a topic instead of a fanout queue a subscriber
  std::int64_t delivery_limit = 0;
  std::int64_t max_memory_length = 0;
  std::int64_t max_memory_bytes = 0;
  std::chrono::milliseconds transient_ttl{};
  bool cancel_on_failover = true;
};

// The driver's options, checked and typed.
struct Settings {
  std::vector<Broker> brokers;
  std::string virtual_host;
  std::string default_exchange;
  TopologySettings topology;
  QueueNaming naming;
  std::optional<TlsSettings> tls{};  // none: plain TCP
  LoginMethod login = LoginMethod::password;

  std::chrono::seconds heartbeat{};  // 0: none
  std::int64_t heartbeat_rate = 2;   // it is looked at heartbeat / rate / 2
  std::chrono::milliseconds reconnect_delay{};
  std::chrono::milliseconds reconnect_splay{};
  Backoff::Steps backoff{};
  bool shuffle_hosts = false;  // after a failure; else the list is walked
  std::uint16_t prefetch = 0;  // 0: as many as a listener wants

  bool cast_mandatory = true;
  bool reply_mandatory = true;
  std::chrono::milliseconds missing_reply_queue{};  // how long a reply is tried again

  std::size_t max_senders = 30;
  std::size_t min_senders = 2;
  std::chrono::milliseconds sender_ttl{};
  std::size_t max_message_bytes = 0;             // as it arrives, and expanded
  std::chrono::milliseconds consumer_timeout{};  // the broker's, as far as known; 0: none
  std::string reply_queue_prefix{};              // of the queues that are replied to; empty: any

  const Codec* compression = nullptr;  // of sent bodies; null: none
  bool accept_compressed = false;

  std::shared_ptr<Ledger> ledger{};  // not null: what goes wrong beside operations is counted there

  // Throws ConfigurationError for what the options do not allow together, and for what this driver
  // does not do.
  static Settings from(const DriverContext& context);
};

}  // namespace gantry::rabbit
