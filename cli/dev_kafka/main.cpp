// SPDX-License-Identifier: Apache-2.0
// gantry-dev-kafka: the broker of `gantry dev kafka`. A program of its own, because only it needs
// librdkafka, whose loading would cost every other verb 2 ms.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "commands.hpp"
#include "errors.hpp"
#include "lines_until_stopped.hpp"
#include "list_option.hpp"
#include "mock_cluster.hpp"
#include "names.hpp"
#include "output.hpp"
#include "stop_signals.hpp"

namespace gantry::cli {
namespace {

constexpr int kMostBrokers = 20;

struct DevKafka {
  int brokers = 1;
  std::vector<std::string> topics{};
  bool background = false;
  bool json = false;
};

std::string footer() {
  return "Each line of standard input is a command, answered by a line: ok, or error: and why.\n" +
         command_help() + "REQUEST is one of: " + request_names() +
         ".\nERROR is Kafka's name for it: MSG_SIZE_TOO_LARGE, NOT_LEADER_FOR_PARTITION, "
         "REQUEST_TIMED_OUT, …\nThe end of the input is not the end of the program: SIGINT and "
         "SIGTERM are.\nA partition keeps the newest 5 MB and forgets the others.";
}

void describe(CLI::App& app, DevKafka& wanted) {
  app.add_option("--brokers", wanted.brokers, "how many")
      ->check(CLI::Range(1, kMostBrokers))
      ->capture_default_str();
  add_repeated(app, "--topic", wanted.topics, "create this topic; others have 4 partitions")
      ->type_name("NAME:PARTITIONS");
  app.add_flag("--background", wanted.background,
               "leave the terminal, the input and both outputs once the URL is printed");
  app.add_flag("--json", wanted.json, "print the URL in a JSON object");
  app.footer(footer());
}

void announce(const DevKafka& wanted, const std::string& url) {
  wanted.json ? print(Object{{"url", url}}) : print(url);
  if (!stdout_is_sound()) throw CommandError(ExitCode::failed, "the URL could not be printed");
}

void leave_terminal() {
  const FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null");
  ::setsid();
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(null.get(), standard);
  }
}

std::string answer(MockCluster& cluster, const std::string& line) try {
  obey(cluster, line);
  return "ok";
} catch (const CommandError& error) {
  return presentable(std::string("error: ") + error.what());
}

[[noreturn]] void serve(const DevKafka& wanted) {
  StopSignals::hold();
  std::vector<NewTopic> topics;
  std::ranges::transform(wanted.topics, std::back_inserter(topics), parse_topic);
  MockCluster cluster(wanted.brokers);
  for (const NewTopic& topic : topics) cluster.create_topic(topic.name, topic.partitions);
  announce(wanted, cluster.url());
  if (wanted.background) leave_terminal();
  LinesUntilStopped lines(STDIN_FILENO);
  while (const auto line = lines.next()) print(answer(cluster, *line));
  // Nothing is kept, and librdkafka takes a second to end a cluster in order.
  std::_Exit(static_cast<int>(ExitCode::done));
}

ExitCode main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // who goes away without reading is no reason to end
  CLI::App app("A throw-away Kafka cluster for other processes: librdkafka's mock.",
               "gantry-dev-kafka");
  DevKafka wanted;
  describe(app, wanted);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("error: ") + error.what() + "\n  --help shows what there is\n";
  });
  try {
    app.parse(argc, argv);
    serve(wanted);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
  } catch (const std::exception& error) {
    return report(error);
  }
}

}  // namespace
}  // namespace gantry::cli

int main(int argc, char** argv) { return static_cast<int>(gantry::cli::main(argc, argv)); }
