// SPDX-License-Identifier: Apache-2.0
#include "transport_section.hpp"

#include <algorithm>
#include <utility>

#include "gantry/error.hpp"
#include "gantry/log.hpp"
#include "gantry/transport_url.hpp"
#include "option_text.hpp"

namespace gantry {
namespace {

// A password as it stands, in a file that everyone may read, is worth a word.
void warn_of_readable_password(const Reader& reader, const Cursor& at, const TransportUrl& url) {
  const bool has_password = std::any_of(url.hosts.begin(), url.hosts.end(),
                                        [](const auto& host) { return host.password.has_value(); });
  if (!has_password || !reader.everyone_may_read()) return;
  log(LogLevel::warning, reader.where(at.node.place) +
                             ": a password in a file that everyone may read; chmod o-r, or write "
                             "${file:PATH} or ${NAME} in its place");
}

// The reason, without the URL where that has to stay unseen.
std::string reason_of(const InvalidTransportURL& error, bool with_url) {
  const std::string what = error.what();
  return with_url ? what : what.substr(0, what.rfind(": " + error.url()));
}

void read_url(Reader& reader, const Cursor& at, TransportConfig& transport) {
  transport.where = reader.where(at.node.place);
  const auto text = reader.text(at);
  if (!text) return;
  transport.url = text->text;
  transport.url_secret = text->inserted;
  try {
    const auto url = TransportUrl::parse(text->text);
    if (!text->inserted) warn_of_readable_password(reader, at, url);
  } catch (const InvalidTransportURL& error) {
    reader.problem(at, reason_of(error, !text->inserted));
  }
}

void read_options(Reader& reader, const Cursor& at, TransportConfig& transport) {
  reader.entries(at, [&](const YamlNode& key, const Cursor& value) {
    auto text = option_text(reader, value);
    if (!text) return;
    transport.options.push_back(
        {key.text, std::move(text->text), reader.where(key.place), text->inserted});
  });
}

void read_response_timeout(Reader& reader, const Cursor& at, TransportConfig& transport) {
  const auto timeout = reader.value(
      at, {.name = "rpc_response_timeout", .type = OptionType::duration, .min = 0.001});
  if (timeout) transport.rpc_response_timeout = std::get<std::chrono::milliseconds>(*timeout);
}

void read_workers(Reader& reader, const Cursor& at, TransportConfig& transport) {
  const auto workers = reader.value(
      at,
      {.name = "executor_thread_pool_size", .type = OptionType::integer, .min = 1, .max = 65536});
  if (!workers) return;
  transport.executor_thread_pool_size = static_cast<std::size_t>(std::get<std::int64_t>(*workers));
}

void read_ping(Reader& reader, const Cursor& at, TransportConfig& transport) {
  const auto ping = reader.value(at, {.name = "rpc_ping_enabled", .type = OptionType::boolean});
  if (ping) transport.rpc_ping_enabled = std::get<bool>(*ping);
}

}  // namespace

TransportConfig read_transport(Reader& reader, const Cursor& at) {
  TransportConfig transport;
  const bool is_map = reader.fields(
      at, {{"url", [&](const Cursor& url) { read_url(reader, url, transport); }},
           {"exchange", [&](const Cursor& name) { reader.assign(name, transport.exchange); },
            "control_exchange"},
           {"options", [&](const Cursor& all) { read_options(reader, all, transport); }},
           {"rpc_response_timeout",
            [&](const Cursor& time) { read_response_timeout(reader, time, transport); }},
           {"executor_thread_pool_size",
            [&](const Cursor& count) { read_workers(reader, count, transport); },
            "rpc_thread_pool_size"},
           {"rpc_ping_enabled", [&](const Cursor& on) { read_ping(reader, on, transport); }}});
  if (is_map && transport.where.empty()) reader.problem(at, "needs a url");
  return transport;
}

}  // namespace gantry
