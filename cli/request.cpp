// SPDX-License-Identifier: Apache-2.0
#include "request.hpp"

#include "duration_option.hpp"
#include "list_option.hpp"
#include "session.hpp"

namespace gantry::cli {

void Request::add_to(CLI::App& app) {
  add_url(app, url);
  app.add_option("TOPIC", topic, "the topic that the server listens on")->required();
  app.add_option("METHOD", method, "the method's name")->required();
  arguments.add_to(app, "of the method");
  app.add_option("--server", server, "this server of the topic, and no other");
  app.add_option("--exchange", exchange, "the exchange of the topic");
  app.add_option("--ns", ns, "the method's namespace");
  app.add_option("--version", version, "the version of the interface: major.minor");
  add_repeated(app, "--context", context,
               "an entry of the request's context: key=text or key:=json");
  add_duration(app, "--timeout", timeout, "when to give up (default: 60s)");
}

Target Request::target() const {
  return {.exchange = exchange, .topic = topic, .ns = ns, .version = version, .server = server};
}

RpcOptions Request::options() const {
  RpcOptions options{.timeout = timeout};
  if (!context.empty()) options.context = parse_pairs(context);
  return options;
}

}  // namespace gantry::cli
