// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <csignal>
extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 does not say itself that it is C
}

#include "await_descriptor.hpp"
#include "background_record.hpp"
#include "background_start.hpp"
#include "dev_program.hpp"
#include "errors.hpp"
#include "list_option.hpp"
#include "output.hpp"
#include "verb.hpp"

namespace gantry::cli {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);  // to start or to end; both take a moment

struct DevKafka {
  std::string brokers = "1";
  std::vector<std::string> topics{};
  bool background = false;

  // The program checks them itself.
  std::vector<std::string> arguments() const {
    std::vector<std::string> words{"--brokers", brokers};
    for (const std::string& topic : topics) words.insert(words.end(), {"--topic", topic});
    return words;
  }
};

[[noreturn]] void run_here(const DevKafka& wanted, const Globals& globals) {
  auto arguments = wanted.arguments();
  if (globals.json) arguments.emplace_back("--json");
  DevProgram(arguments).become();
}

void tell_url(const std::string& url, const Globals& globals) {
  globals.json ? print(Object{{"url", url}}) : print(url);
}

[[noreturn]] void refuse_second(const BackgroundRecord& record) {
  const auto entry = record.read();
  const std::string which = entry ? fmt::format(": {} (process {})", entry->url, entry->pid) : "";
  throw CommandError(ExitCode::failed, "a broker runs in the background already" + which +
                                           "\n  'gantry dev stop' ends it");
}

// Its output without the line's end; nothing when it ended instead, having said why.
std::optional<std::string> url_of(const BackgroundStart& started) {
  auto url = started.output(Deadline::after(kPatience));
  if (!url) {
    started.kill();
    throw CommandError(ExitCode::timeout,
                       fmt::format("the broker did not start within {} s", kPatience.count()));
  }
  if (url->empty()) return std::nullopt;
  url->pop_back();
  return url;
}

ExitCode run_in_background(const DevKafka& wanted, const Globals& globals) {
  auto arguments = wanted.arguments();
  arguments.emplace_back("--background");
  DevProgram program(arguments);
  BackgroundRecord record;
  if (!record.hold()) refuse_second(record);
  const BackgroundStart started(program, record.descriptor());
  record.write({.pid = started.pid()});
  const auto url = url_of(started);
  if (!url) return started.exit_code();
  record.write({.pid = started.pid(), .url = *url});
  tell_url(*url, globals);
  return ExitCode::done;
}

ExitCode run(const DevKafka& wanted, const Globals& globals) {
  if (wanted.background) return run_in_background(wanted, globals);
  run_here(wanted, globals);
}

// Nothing but what holds the record is ended, whatever number the process of it has by now.
BackgroundRecord::Entry running(const BackgroundRecord& record) {
  const auto entry = record.read();
  if (!record.is_held()) {
    throw CommandError(
        ExitCode::not_found,
        "no broker runs in the background; 'gantry dev kafka --background' starts one");
  }
  if (entry) return *entry;
  throw CommandError(ExitCode::failed, "a broker is about to start in the background; try again");
}

ExitCode stop(const Globals& globals) {
  const BackgroundRecord record;
  const auto entry = running(record);
  const FileDescriptor process(::pidfd_open(entry.pid, 0), "pidfd_open");
  // It is still the one that held the record when its number was read.
  if (running(record) != entry)
    throw CommandError(ExitCode::failed, "another broker was started meanwhile; try again");
  ::pidfd_send_signal(process.get(), SIGTERM, nullptr, 0);
  if (!await_readable(process.get(), Deadline::after(kPatience))) {
    throw CommandError(ExitCode::timeout,
                       fmt::format("process {} did not end within {} s; kill -KILL {} ends it",
                                   entry.pid, kPatience.count(), entry.pid));
  }
  if (!globals.quiet) note("stopped " + entry.url);
  return ExitCode::done;
}

}  // namespace

Verb add_dev(CLI::App& app, const Globals& globals) {
  auto* verb = app.add_subcommand("dev", "throw-away brokers to develop with");
  verb->require_subcommand(1);
  auto* kafka = verb->add_subcommand("kafka",
                                     "a Kafka cluster for other processes, in memory: librdkafka's "
                                     "mock; prints its URL and serves "
                                     "until SIGINT or SIGTERM");
  auto wanted = std::make_shared<DevKafka>();  // shared with the parsed options and the verb
  kafka->add_option("--brokers", wanted->brokers, "how many")
      ->type_name("N")
      ->capture_default_str();
  add_repeated(*kafka, "--topic", wanted->topics, "create this topic; others have 4 partitions")
      ->type_name("NAME:PARTITIONS");
  kafka->add_flag("--background", wanted->background,
                  "return once it serves; it goes on until 'gantry dev stop'");
  verb->add_subcommand("stop", "end the one in the background");
  return {verb, [kafka, wanted, &globals] {
            return kafka->parsed() ? run(*wanted, globals) : stop(globals);
          }};
}

}  // namespace gantry::cli
