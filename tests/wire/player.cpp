// SPDX-License-Identifier: Apache-2.0
// Plays servers, clients, listeners and notifiers on the rabbit driver as its standard input says:
// one JSON object a line, with the verb in "do" and the part in "part". Each is answered by a line
// {"done": verb} or {"done": verb, "error": …}; what happens meanwhile is told in lines with
// "event".
//
//   open url             serve topic server exchange?      listen subscriptions pool?
//   call topic body id   cast topic body fanout?           notify topic body v1?
//   reply held result | failure     heartbeat held         settle held requeue?
//   serve_methods topic server      handle_notifications topic      close
#include "player.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>

#include "gantry/error.hpp"
#include "gantry/failure.hpp"
#include "gantry/json.hpp"
#include "stage.hpp"

namespace gantry::wire_test {
namespace {

using Verb = void (Stage::*)(const Object&);

constexpr std::pair<std::string_view, Verb> kVerbs[] = {
    {"open", &Stage::open},           {"close", &Stage::close},
    {"serve", &Stage::serve},         {"serve_methods", &Stage::serve_methods},
    {"listen", &Stage::listen},       {"handle_notifications", &Stage::handle_notifications},
    {"call", &Stage::call},           {"cast", &Stage::cast},
    {"notify", &Stage::notify},       {"reply", &Stage::reply},
    {"heartbeat", &Stage::heartbeat}, {"settle", &Stage::settle},
};

std::string type_of(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), &std::free);
  const std::string full = status == 0 ? name.get() : typeid(error).name();
  const auto colon = full.rfind(':');
  return colon == std::string::npos ? full : full.substr(colon + 1);
}

void say(const Object& line) {
  static std::mutex mutex;
  const auto text = to_json(line);
  const std::lock_guard lock(mutex);
  std::cout << text << std::endl;
}

Object play(Stage& stage, const std::string& line) {
  Object answer{{"done", ""}};
  try {
    const auto command = parse_json(line).as_object();
    answer["done"] = command.at("do");
    for (const auto& [name, verb] : kVerbs)
      if (command.at("do").as_string() == name) (stage.*verb)(command);
  } catch (const std::exception& error) {
    answer["error"] = describe(error);
  }
  return answer;
}

}  // namespace

Object describe(const std::exception& error) {
  Object described{{"type", type_of(error)}, {"what", error.what()}};
  if (const auto* remote = dynamic_cast<const RemoteError*>(&error)) {
    const auto& failure = remote->failure();
    Array traceback;
    for (const auto& entry : failure.traceback) traceback.emplace_back(entry);
    described["failure"] = Object{{"class", failure.class_name}, {"module", failure.module},
                                  {"message", failure.message},  {"tb", traceback},
                                  {"args", failure.args},        {"kwargs", failure.kwargs}};
  }
  return described;
}

}  // namespace gantry::wire_test

int main() {
  gantry::wire_test::Stage stage(gantry::wire_test::say);
  for (std::string line; std::getline(std::cin, line);)
    gantry::wire_test::say(gantry::wire_test::play(stage, line));
}
