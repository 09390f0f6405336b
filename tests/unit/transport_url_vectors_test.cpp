// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "captured_log.hpp"
#include "gantry/error.hpp"
#include "gantry/transport_url.hpp"
#include "vectors.hpp"

namespace gantry {
namespace {

// Where gantry differs from oslo.messaging on purpose.
constexpr std::string_view kRefusedHere[] = {
    "rabbit://h:/v",   // URL-14: a port is not empty
    "rabbit://h/v?a",  // URL-21: not dropped silently
};
constexpr std::string_view kQueryKeptHere = "rabbit://h/v?a=";  // URL-21: nor an empty value

std::optional<std::string> text_or_none(const boost::json::value& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(value.as_string());
}

std::vector<TransportHost> hosts_of(const boost::json::array& rows) {
  std::vector<TransportHost> hosts;
  for (const auto& row : rows) {
    const auto& fields = row.as_array();
    TransportHost host{.hostname = text_or_none(fields[2]),
                       .username = text_or_none(fields[0]),
                       .password = text_or_none(fields[1])};
    if (!fields[3].is_null()) host.port = fields[3].to_number<std::uint16_t>();
    hosts.push_back(std::move(host));
  }
  return hosts;
}

void expect_as_in_python(const std::string& text, const boost::json::object& python) {
  const auto url = TransportUrl::parse(text);
  EXPECT_EQ(url.transport, python.at("transport").as_string()) << text;
  EXPECT_EQ(url.virtual_host, text_or_none(python.at("virtual_host"))) << text;
  EXPECT_EQ(url.hosts, hosts_of(python.at("hosts").as_array())) << text;
  if (text == kQueryKeptHere) return;
  EXPECT_EQ(url.query.size(), python.at("query").as_object().size()) << text;
  for (const auto& [name, value] : python.at("query").as_object()) {
    EXPECT_EQ(url.query.at(std::string(name)), value.as_string()) << text;
  }
  EXPECT_EQ(url.str(), python.at("str").as_string()) << text;
}

class UrlVectors : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Recorded, UrlVectors,
                         testing::Values("rabbit/behaviour/url_parse.json",
                                         "rabbit/behaviour_upstream/url_parse.json"));

TEST_P(UrlVectors, URL_1_UrlsParseAndPrintAsInOsloMessaging) {
  const test::CapturedLog quiet;
  const auto file = test::vector_file(GetParam());
  for (const auto& [text, outcome] : file.at("results").as_object()) {
    const auto& python = outcome.as_object();
    const bool refused = std::find(std::begin(kRefusedHere), std::end(kRefusedHere),
                                   std::string_view(text)) != std::end(kRefusedHere);
    if (refused || python.contains("exception")) {
      EXPECT_THROW(TransportUrl::parse(std::string(text)), InvalidTransportURL) << text;
    } else {
      expect_as_in_python(std::string(text), python);
    }
  }
}

TEST(RecordedPaths, URL_17_PathsNameTheRecordedVirtualHost) {
  const auto file = test::vector_file("rabbit/behaviour/url_vhost.json");
  for (const auto& [path, opened] : file.at("results").as_object()) {
    const auto url = TransportUrl::parse("rabbit://h" + std::string(path));
    const auto vhost = url.virtual_host.value_or("");
    EXPECT_EQ(vhost.empty() ? "/" : vhost, opened.as_string()) << path;  // "/" is rabbit's default
  }
}

}  // namespace
}  // namespace gantry
