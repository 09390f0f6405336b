// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <sstream>
#include <vector>

#include "errors.hpp"
#include "gantry/error.hpp"
#include "gantry/options.hpp"
#include "names.hpp"

namespace gantry::cli {
namespace {

using Words = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
  std::size_t fewest;  // arguments
  std::size_t most;
  void (*run)(MockCluster&, const Words&);
};

[[noreturn]] void refuse(const std::string& what) { throw CommandError(ExitCode::usage, what); }

int number(const std::string& text, int least, int most, const std::string& what) {
  int value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stopped == end && value >= least && value <= most) return value;
  refuse(fmt::format("'{}' is not {}: a number from {} to {}", text, what, least, most));
}

int broker(const MockCluster& cluster, const std::string& text) {
  return number(text, 1, cluster.brokers(), "a broker");
}

int broker_or(const MockCluster& cluster, const std::string& text, std::string_view word,
              int meaning) {
  return text == word ? meaning : broker(cluster, text);
}

int one_or_all(const MockCluster& cluster, const std::string& text) {
  return broker_or(cluster, text, "all", kEveryBroker);
}

std::chrono::milliseconds duration(const std::string& text) try {
  return std::get<std::chrono::milliseconds>(
      parse_option({.name = "duration", .type = OptionType::duration, .max = 3600}, text));
} catch (const ConfigurationError&) {
  refuse("'" + text + "' is not a duration: write 300ms or 5s, an hour at the most");
}

constexpr int kMostErrors = 1'000'000;
constexpr int kMostPartitions = 1000;

void push_errors(MockCluster& cluster, const Words& words) {
  const int count = words.size() < 3 ? 1 : number(words[2], 1, kMostErrors, "a count");
  cluster.push_errors(request_key(words[0]), error_code(words[1]), static_cast<std::size_t>(count));
}

void clear_errors(MockCluster& cluster, const Words& words) {
  cluster.clear_errors(request_key(words[0]));
}

void set_down(MockCluster& cluster, const Words& words) {
  cluster.set_down(one_or_all(cluster, words[0]));
}

void set_up(MockCluster& cluster, const Words& words) {
  cluster.set_up(one_or_all(cluster, words[0]));
}

void set_rtt(MockCluster& cluster, const Words& words) {
  cluster.set_rtt(one_or_all(cluster, words[0]), duration(words[1]));
}

void set_coordinator(MockCluster& cluster, const Words& words) {
  cluster.set_coordinator(words[0], broker(cluster, words[1]));
}

void set_leader(MockCluster& cluster, const Words& words) {
  cluster.set_leader(words[0], number(words[1], 0, std::numeric_limits<int>::max(), "a partition"),
                     broker_or(cluster, words[2], "none", kNoBroker));
}

void make_topic(MockCluster& cluster, const Words& words) {
  const NewTopic topic = parse_topic(words[0]);
  cluster.create_topic(topic.name, topic.partitions);
}

void set_topic_error(MockCluster& cluster, const Words& words) {
  cluster.set_topic_error(words[0], error_code(words[1]));
}

constexpr std::array kCommands{
    Command{"errors", "REQUEST ERROR [COUNT]",
            "the next COUNT requests (1 unless given) of that kind fail with ERROR, or with "
            "_TRANSPORT lose their connection",
            2, 3, push_errors},
    Command{"clear", "REQUEST", "what is left of these is forgotten", 1, 1, clear_errors},
    Command{"down", "BROKER|all", "it closes its connections and takes no new ones", 1, 1,
            set_down},
    Command{"up", "BROKER|all", "it takes connections again, on the same port", 1, 1, set_up},
    Command{"rtt", "BROKER|all DURATION", "its answers come so much later", 2, 2, set_rtt},
    Command{"coordinator", "GROUP BROKER", "the group's coordinator is that broker", 2, 2,
            set_coordinator},
    Command{"leader", "TOPIC PARTITION BROKER|none", "the partition's leader is that broker", 3, 3,
            set_leader},
    Command{"topic", "NAME:PARTITIONS", "there is that topic", 1, 1, make_topic},
    Command{"topic-error", "TOPIC ERROR",
            "who asks for the topic's metadata is told that error; NO_ERROR ends it", 2, 2,
            set_topic_error}};

const Command& command(const std::string& name) {
  const auto found = std::ranges::find(kCommands, name, &Command::name);
  if (found != kCommands.end()) return *found;
  refuse("'" + name + "' is not a command; --help shows what there is");
}

}  // namespace

void obey(MockCluster& cluster, std::string_view line) {
  std::istringstream in{std::string(line)};
  Words words{std::istream_iterator<std::string>(in), {}};
  if (words.empty()) refuse("an empty line is not a command; --help shows what there is");
  const Command& wanted = command(words.front());
  words.erase(words.begin());
  if (words.size() < wanted.fewest || words.size() > wanted.most) {
    refuse(fmt::format("write: {} {}", wanted.name, wanted.arguments));
  }
  wanted.run(cluster, words);
}

NewTopic parse_topic(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    refuse("'" + text + "' is not a topic: write NAME:PARTITIONS");
  }
  return {
      .name = text.substr(0, colon),
      .partitions = number(text.substr(colon + 1), 1, kMostPartitions, "a count of partitions")};
}

std::string command_help() {
  std::string text;
  for (const Command& each : kCommands) {
    text += fmt::format("  {} {}\n      {}\n", each.name, each.arguments, each.help);
  }
  return text;
}

}  // namespace gantry::cli
