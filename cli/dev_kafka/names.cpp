// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "errors.hpp"
#include "gantry/options.hpp"

namespace gantry::cli {
namespace {

struct Request {
  std::string_view name;
  std::int16_t key;
};

// Those that a program without transactions sends and that the mock lets fail; for metadata there
// is `topic-error`.
constexpr std::array kRequests{
    Request{"produce", 0},       Request{"fetch", 1},         Request{"list-offsets", 2},
    Request{"offset-commit", 8}, Request{"offset-fetch", 9},  Request{"find-coordinator", 10},
    Request{"join-group", 11},   Request{"heartbeat", 12},    Request{"leave-group", 13},
    Request{"sync-group", 14},   Request{"api-versions", 18}, Request{"init-producer-id", 22}};

std::span<const rd_kafka_err_desc> known_errors() {
  const rd_kafka_err_desc* first = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&first, &count);
  return {first, count};
}

std::string suggestion(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& error : known_errors()) {
    if (error.name != nullptr) names.emplace_back(error.name);
  }
  const auto nearest = nearest_name(name, names);
  return nearest ? "; did you mean '" + *nearest + "'?" : "";
}

}  // namespace

std::int16_t request_key(std::string_view name) {
  const auto found = std::ranges::find(kRequests, name, &Request::name);
  if (found != kRequests.end()) return found->key;
  throw CommandError(ExitCode::usage, "'" + std::string(name) +
                                          "' is not a kind of request; known: " + request_names());
}

std::string request_names() {
  std::string names;
  for (const Request& request : kRequests) {
    names += (names.empty() ? "" : ", ") + std::string(request.name);
  }
  return names;
}

rd_kafka_resp_err_t error_code(std::string_view name) {
  for (const auto& error : known_errors()) {
    if (error.name != nullptr && name == error.name) return error.code;
  }
  throw CommandError(ExitCode::usage,
                     "'" + std::string(name) + "' is not an error of Kafka's" + suggestion(name));
}

}  // namespace gantry::cli
