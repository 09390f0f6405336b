// SPDX-License-Identifier: Apache-2.0
#include "notification_section.hpp"

#include <utility>

#include "gantry/error.hpp"
#include "routing_file.hpp"

namespace gantry {
namespace {

void read_transport_name(Reader& reader, const Cursor& at, const Config& config,
                         std::string& into) {
  const auto name = reader.text(at);
  if (!name) return;
  into = name->text;
  if (config.transports.contains(into)) return;
  if (name->inserted) return reader.problem(at, "no transport has the name that is inserted here");
  try {
    config.transport(into);
  } catch (const ConfigurationError& error) {
    reader.problem(at, error.what());
  }
}

void read_topics(Reader& reader, const Cursor& at, std::vector<std::string>& into) {
  into.clear();
  reader.items(at, [&](const Cursor& item) { reader.assign(item, into.emplace_back()); });
}

void read_drivers(Reader& reader, const Cursor& at, std::vector<std::string>& into) {
  constexpr OptionSpec driver{.name = "driver",
                              .type = OptionType::text,
                              .default_value = "noop",
                              .choices = "messaging,messagingv2,log,test,noop,routing"};
  reader.items(at, [&](const Cursor& item) {
    if (const auto name = reader.value(item, driver)) into.push_back(std::get<std::string>(*name));
  });
}

void read_retry(Reader& reader, const Cursor& at, int& into) {
  constexpr OptionSpec retry{
      .name = "retry", .type = OptionType::integer, .min = -1, .max = 1'000'000};
  if (const auto count = reader.value(at, retry)) {
    into = static_cast<int>(std::get<std::int64_t>(*count));
  }
}

void read_on_doubt(Reader& reader, const Cursor& at, OnDoubt& into) {
  constexpr OptionSpec on_doubt{.name = "on_doubt",
                                .type = OptionType::text,
                                .default_value = "fail",
                                .choices = "fail,resend"};
  if (const auto what = reader.value(at, on_doubt)) {
    into = std::get<std::string>(*what) == "resend" ? OnDoubt::resend : OnDoubt::fail;
  }
}

// What is wrong in the routing file is told with what is wrong here: the notifier would tell it at
// its first notification only.
void read_routing_config(Reader& reader, const Cursor& at, std::filesystem::path& into) {
  const auto name = reader.text(at);
  if (!name) return;
  if (name->text.empty()) return reader.problem(at, "is empty");
  into = (reader.directory() / name->text).lexically_normal();
  auto problems = check_routing_table(into).problems;
  const bool is_read = problems.empty() || problems[0].line > 0;
  if (is_read) return reader.add(std::move(problems));
  reader.problem(at, (name->inserted ? "the file" : into.string()) + ' ' + problems[0].text);
}

}  // namespace

NotificationConfig read_notifications(Reader& reader, const Cursor& at, const Config& config) {
  NotificationConfig out;
  bool names_transport = false;
  const bool is_map = reader.fields(
      at, {{"transport",
            [&](const Cursor& name) {
              names_transport = true;
              read_transport_name(reader, name, config, out.transport);
            }},
           {"topics", [&](const Cursor& all) { read_topics(reader, all, out.topics); }},
           {"publisher_id", [&](const Cursor& id) { reader.assign(id, out.publisher_id); }},
           {"driver", [&](const Cursor& all) { read_drivers(reader, all, out.driver); }},
           {"retry", [&](const Cursor& count) { read_retry(reader, count, out.retry); }},
           {"on_doubt", [&](const Cursor& what) { read_on_doubt(reader, what, out.on_doubt); }},
           {"routing_config",
            [&](const Cursor& file) { read_routing_config(reader, file, out.routing_config); }}});
  if (is_map && !names_transport) reader.problem(at, "needs a transport");
  return out;
}

NotifierOptions notifier_options(const NotificationConfig& config) {
  NotifierOptions options{.publisher_id = config.publisher_id,
                          .topics = config.topics,
                          .drivers = config.driver,
                          .retry = config.retry,
                          .on_doubt = config.on_doubt};
  if (!config.routing_config.empty()) {
    options.routing = [file = config.routing_config] { return load_routing_table(file); };
  }
  return options;
}

}  // namespace gantry
