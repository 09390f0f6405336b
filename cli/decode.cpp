// SPDX-License-Identifier: Apache-2.0
#include <boost/json/value_from.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/json.hpp"
#include "gantry/kit/wire.hpp"
#include "output.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

void insert_unless_empty(Object& fields, std::string_view name, const std::string& text) {
  if (!text.empty()) fields.emplace(name, text);
}

Object explain_request(std::string_view body) {
  const auto [message, ids] = wire::decode_request(body);
  Object fields{{"kind", "request"}, {"answered", ids.is_call()}};
  for (const auto& [key, value] : message.body) fields.insert_or_assign(key, value);
  insert_unless_empty(fields, "msg_id", ids.msg_id);
  insert_unless_empty(fields, "reply_q", ids.reply_q);
  insert_unless_empty(fields, "unique_id", ids.unique_id);
  if (ids.monitor) fields["monitor"] = std::chrono::duration<double>(*ids.monitor).count();
  fields["context"] = message.context;
  return fields;
}

Object explain_notification(std::string_view body) {
  const auto [message, unique_id] = wire::decode_notification(body);
  Object fields{{"kind", "notification"}};
  for (const auto& [key, value] : message.body) fields.insert_or_assign(key, value);
  insert_unless_empty(fields, "unique_id", unique_id);
  fields["context"] = message.context;
  return fields;
}

Object explain_failure(const Failure& failure) {
  return {{"class", failure.class_name}, {"module", failure.module},
          {"message", failure.message},  {"traceback", boost::json::value_from(failure.traceback)},
          {"args", failure.args},        {"kwargs", failure.kwargs}};
}

Object explain_reply(std::string_view body) {
  const wire::ReplyBody reply = wire::decode_reply(body);
  Object fields{{"kind", reply.is_heartbeat() ? "heartbeat" : reply.failure ? "failure" : "reply"}};
  fields["msg_id"] = reply.msg_id;
  insert_unless_empty(fields, "unique_id", reply.unique_id);
  fields["ending"] = reply.ending;
  if (reply.failure) {
    fields["failure"] = explain_failure(*reply.failure);
  } else if (!reply.is_heartbeat()) {
    fields["result"] = reply.result;
  }
  return fields;
}

Object explain_inner(std::string_view body) {
  const Object inner = wire::open_envelope(body);
  if (inner.contains("failure")) return explain_reply(body);
  if (inner.contains("method")) return explain_request(body);
  if (inner.contains("event_type")) return explain_notification(body);
  throw SerializationError(
      "it is neither a request (it has no 'method'), a reply (no 'failure') nor a notification "
      "(no 'event_type')");
}

Object explain(std::string_view body) {
  const Value outer = parse_json(body);
  const Value* version =
      outer.is_object() ? outer.get_object().if_contains("oslo.version") : nullptr;
  Object fields{{"envelope", version != nullptr ? *version : Value("none")}};
  for (auto& [key, value] : explain_inner(body)) fields.emplace(key, std::move(value));
  return fields;
}

void print_fields(const Object& fields, const std::string& indent) {
  for (const auto& [key, value] : fields) {
    const std::string name = indent + std::string(key) + ':';
    if (value.is_object() && !value.get_object().empty()) {
      print(name);
      print_fields(value.get_object(), indent + "  ");
    } else if (value.is_string()) {
      print(name + ' ' + presentable(value.get_string()));
    } else {
      print(name + ' ' + to_json(value));
    }
  }
}

std::string read_all(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string read_body(const std::string& path) {
  if (path.empty() || path == "-") return read_all(std::cin);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw CommandError(ExitCode::not_found, "cannot read '" + path + "'");
  return read_all(file);
}

ExitCode run(const std::string& path, const Globals& globals) try {
  const Object fields = explain(read_body(path));
  if (globals.json) {
    print(fields);
  } else {
    print_fields(fields, "");
  }
  return ExitCode::done;
} catch (const SerializationError& error) {
  throw CommandError(ExitCode::failed, std::string("no body of a message: ") + error.what());
}

}  // namespace

Verb add_decode(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand("decode", "explain a captured message body");
  auto path = std::make_shared<std::string>();  // shared with the parsed option and the verb
  verb->add_option("FILE", *path, "the body; - or nothing reads it from stdin");
  return {verb, [path, &globals] { return run(*path, globals); }};
}

}  // namespace gantry::cli
