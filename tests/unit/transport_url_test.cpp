// SPDX-License-Identifier: Apache-2.0
#include "gantry/transport_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <unordered_set>

#include "captured_log.hpp"
#include "gantry/error.hpp"

namespace gantry {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

template <class T>
std::string shown(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TransportHost only_host(const std::string& netloc) {
  const auto url = TransportUrl::parse("foo://" + netloc + "/");
  EXPECT_THAT(url.hosts, SizeIs(1)) << netloc;
  return url.hosts.empty() ? TransportHost{} : url.hosts[0];
}

// What the error says; empty when there is none.
std::string refusal(const std::string& text) {
  try {
    TransportUrl::parse(text);
  } catch (const InvalidTransportURL& error) {
    return error.what();
  }
  return {};
}

TEST(TransportUrl, URL_1_TheReferenceVectorsParse) {
  const test::CapturedLog quiet;
  using Hosts = std::vector<TransportHost>;
  struct Row {
    const char* text;
    std::optional<std::string> virtual_host;
    Hosts hosts;
  };
  const auto none = std::nullopt;
  const Row rows[] = {
      {"foo:", none, {}},
      {"foo:////", "/", {}},
      {"foo:///bar", "bar", {}},
      {"foo://host/bar", "bar", {{"host"}}},
      {"foo://[ffff::1]/bar", "bar", {{"ffff::1"}}},
      {"foo://host:1234/bar", "bar", {{"host", 1234}}},
      {"foo://[ffff::1]:1234/bar", "bar", {{"ffff::1", 1234}}},
      {"foo://u@host:1234/bar", "bar", {{"host", 1234, "u"}}},
      {"foo://u:p@host:1234/bar", "bar", {{"host", 1234, "u", "p"}}},
      {"foo://u:p@/bar", "bar", {{none, none, "u", "p"}}},
      {"foo://u:p@host1:1234,host2:4321/bar", "bar", {{"host1", 1234, "u", "p"}, {"host2", 4321}}},
      {"foo://u:p@host1,host2/bar", "bar", {{"host1", none, "u", "p"}, {"host2"}}},
      {"foo://u1:p1@host1:1234,u2:p2@host2:4321/bar",
       "bar",
       {{"host1", 1234, "u1", "p1"}, {"host2", 4321, "u2", "p2"}}},
      {"foo://u1:p1@[ffff::1]:1234,u2:p2@[ffff::2]:4321/bar",
       "bar",
       {{"ffff::1", 1234, "u1", "p1"}, {"ffff::2", 4321, "u2", "p2"}}},
      {"foo://u%24:p%26@host:1234/%24", "$", {{"host", 1234, "u$", "p&"}}},
  };
  for (const auto& row : rows) {
    const auto url = TransportUrl::parse(row.text);
    EXPECT_EQ(url.transport, "foo") << row.text;
    EXPECT_EQ(url.virtual_host, row.virtual_host) << row.text;
    EXPECT_EQ(url.hosts, row.hosts) << row.text;
    EXPECT_THAT(url.query, IsEmpty()) << row.text;
  }
}

TEST(TransportUrl, URL_3_AUrlWithoutASchemeIsRefusedAndQuoted) {
  for (const auto* text : {"host", "//host/v", "   ", "f_o://h", "1foo://h", "+fake://", "", ":"}) {
    EXPECT_THAT(refusal(text), HasSubstr("No scheme specified")) << text;
  }
  try {
    TransportUrl::parse("//host/v");
  } catch (const InvalidTransportURL& error) {
    EXPECT_EQ(error.url(), "//host/v");
  }
}

TEST(TransportUrl, URL_5_OnlyTheSchemeIsLowered) {
  const auto url = TransportUrl::parse("FOO://H/V");
  EXPECT_EQ(url.transport, "foo");
  EXPECT_EQ(url.hosts[0].hostname, "H");
  EXPECT_EQ(url.virtual_host, "V");
}

TEST(TransportUrl, URL_6_TheSchemeUpToThePlusSelectsTheDriver) {
  EXPECT_EQ(TransportUrl::parse("kombu+memory://").transport, "kombu+memory");
  EXPECT_EQ(TransportUrl::parse("kombu+memory+x://").driver(), "kombu");
  EXPECT_EQ(TransportUrl::parse("fake://").driver(), "fake");
}

TEST(TransportUrl, URL_7_HostsKeepTheirOrderAndEmptyPiecesVanish) {
  const std::vector<TransportHost> expected{{"b"}, {"a"}, {"b"}};
  EXPECT_EQ(TransportUrl::parse("foo://,b,,a,b,/").hosts, expected);
  EXPECT_THAT(TransportUrl::parse("foo://,/").hosts, IsEmpty());
  EXPECT_EQ(only_host("a%2Cb:c%2Cd@h").password, "c,d");
}

TEST(TransportUrl, URL_8_CredentialsAreSplitFirstAndThenDecoded) {
  EXPECT_EQ(only_host("u@x:p@h"), (TransportHost{"h", {}, "u@x", "p"}));
  EXPECT_EQ(only_host("u:p:q@h"), (TransportHost{"h", {}, "u", "p:q"}));
  EXPECT_EQ(only_host("u%3Ax:p%40@h"), (TransportHost{"h", {}, "u:x", "p@"}));
}

TEST(TransportUrl, URL_9_AbsentAndEmptyCredentialsDiffer) {
  EXPECT_EQ(only_host("u@h"), (TransportHost{"h", {}, "u", {}}));
  EXPECT_EQ(only_host("u:@h"), (TransportHost{"h", {}, "u", ""}));
  EXPECT_EQ(only_host(":p@h"), (TransportHost{"h", {}, "", "p"}));
  EXPECT_EQ(only_host("@h"), (TransportHost{"h", {}, "", {}}));
}

TEST(TransportUrl, URL_10_CredentialsNeedNoHost) {
  EXPECT_EQ(only_host("u:p@"), (TransportHost{{}, {}, "u", "p"}));
}

TEST(TransportUrl, URL_11_CredentialsAreNotInherited) {
  const test::CapturedLog quiet;
  EXPECT_EQ(TransportUrl::parse("foo://u:p@h1,h2").hosts[1], (TransportHost{"h2"}));
}

TEST(TransportUrl, URL_12_HalfASetOfCredentialsIsWarnedOfOnce) {
  const test::CapturedLog log;
  TransportUrl::parse("foo://u:S3cret@h1,h2,v@h3,w:S3cret@h4/");
  ASSERT_THAT(log.lines(), SizeIs(1));
  EXPECT_THAT(log.lines()[0], HasSubstr("with user and password: h1, h4;"));
  EXPECT_THAT(log.lines()[0], HasSubstr("without: h2, h3;"));
  EXPECT_THAT(log.lines()[0], Not(HasSubstr("S3cret")));
}

TEST(TransportUrl, URL_12_AllOrNoCredentialsAreNotWarnedOf) {
  const test::CapturedLog log;
  TransportUrl::parse("foo://u:p@h1,u:p@h2/");
  TransportUrl::parse("foo://h1,u@h2/");
  EXPECT_THAT(log.lines(), IsEmpty());
}

TEST(TransportUrl, URL_13_APortIsANumberOrAbsent) {
  EXPECT_EQ(TransportUrl::parse("foo://noport/?").hosts[0].port, std::nullopt);
  EXPECT_EQ(only_host("h:10").port, 10);
  EXPECT_EQ(only_host("h:65535").port, 65535);
}

TEST(TransportUrl, URL_14_AnythingElseIsNoPort) {
  for (const auto* host : {"h:", "h:abc", "h:-1", "h:+1", "h:0", "h:99999", "h:65536", "h: 5",
                           "h:08", "h:5x", "[::1]:", "[::1]:x"}) {
    EXPECT_THROW(TransportUrl::parse(std::string("foo://") + host), InvalidTransportURL) << host;
  }
}

TEST(TransportUrl, URL_15_Ipv6StandsInBracketsOrWithoutAPort) {
  EXPECT_EQ(only_host("[ffff::1]:1234"), (TransportHost{"ffff::1", 1234}));
  EXPECT_EQ(only_host("::1"), (TransportHost{"::1"}));
  EXPECT_EQ(only_host("[fe80::1%eth0]:5"), (TransportHost{"fe80::1%eth0", 5}));
}

TEST(TransportUrl, URL_16_BracketsHoldAnIpv6AddressAndBalance) {
  for (const auto* host : {"[::1", "::1]", "[zz]", "[::1]x", "[]", "[1.2.3.4]", "a[b]", "[[::1]]",
                           "1:2:3", "h:1:2", "[fe80::1%]"}) {
    EXPECT_THROW(TransportUrl::parse(std::string("foo://") + host), InvalidTransportURL) << host;
  }
  const std::vector<TransportHost> two{{"::1"}, {"::2"}};
  EXPECT_EQ(TransportUrl::parse("foo://[::1],[::2]").hosts, two);
}

TEST(TransportUrl, URL_17_TheVirtualHostIsThePathWithoutItsSlash) {
  EXPECT_EQ(TransportUrl::parse("foo:").virtual_host, std::nullopt);
  EXPECT_EQ(TransportUrl::parse("foo:bar").virtual_host, std::nullopt);
  EXPECT_EQ(TransportUrl::parse("foo://host").virtual_host, std::nullopt);
  EXPECT_EQ(TransportUrl::parse("foo://host?a=1").virtual_host, std::nullopt);
  EXPECT_EQ(TransportUrl::parse("foo://host/").virtual_host, "");
  EXPECT_EQ(TransportUrl::parse("foo:/bar").virtual_host, "bar");
}

TEST(TransportUrl, URL_18_FurtherSlashesBelongToTheVirtualHost) {
  EXPECT_EQ(TransportUrl::parse("foo:////").virtual_host, "/");
  EXPECT_EQ(TransportUrl::parse("foo://host/a/b").virtual_host, "a/b");
}

TEST(TransportUrl, URL_19_EscapesAreUtf8AndMalformedOnesStay) {
  EXPECT_EQ(TransportUrl::parse("foo:/%2f%20v").virtual_host, "/ v");
  EXPECT_EQ(TransportUrl::parse("foo:/%c3%A9").virtual_host, "é");
  for (const auto* text : {"u%zz", "u%", "u%1", "u%%31%"}) {
    EXPECT_EQ(only_host(std::string(text) + "@h").username,
              std::string(text) == "u%%31%" ? "u%1%" : text);
  }
}

TEST(TransportUrl, URL_19_EscapesThatMakeNoUtf8AreRefused) {
  EXPECT_THAT(refusal("foo://%ff@h/"), HasSubstr("UTF-8"));
  EXPECT_THAT(refusal("foo://h/\xc3("), HasSubstr("UTF-8"));
}

TEST(TransportUrl, URL_20_TheQueryIsDecodedAndRepeatedKeysAreJoined) {
  using Query = std::map<std::string, std::string, std::less<>>;
  const auto query = [](const char* text) {
    return TransportUrl::parse(std::string("foo:///?") + text).query;
  };
  EXPECT_EQ(query("l=1&l=2&l=3"), (Query{{"l", "1,2,3"}}));
  EXPECT_EQ(query("d=x:1&d=y:2"), (Query{{"d", "x:1,y:2"}}));
  EXPECT_EQ(query("a;b=1"), (Query{{"a;b", "1"}}));
  EXPECT_EQ(query("a+b=c+d%2Be%20f"), (Query{{"a b", "c d+e f"}}));
  EXPECT_EQ(query("a=1&&b=x=y?"), (Query{{"a", "1"}, {"b", "x=y?"}}));
}

TEST(TransportUrl, URL_21_AnEmptyValueIsKeptAndAMissingOneRefused) {
  EXPECT_EQ(TransportUrl::parse("foo://?k=").query.at("k"), "");
  EXPECT_THAT(refusal("foo://?k"), HasSubstr("name=value"));
  EXPECT_THAT(refusal("foo://?=v"), HasSubstr("name=value"));
}

TEST(TransportUrl, URL_22_BreakingCharactersAreToBeEscaped) {
  for (const auto* text : {"foo://u:S3cr#Frag@h/v", "foo://u:S3cr/Frag@h/v",
                           "foo://u:S3cr?Frag@h/v", "foo://u:12/Frag@h/v", "foo://u/S3cr:Frag@h/v",
                           "foo://u:12?Frag=S3cr@h/v", "foo://h/v#Frag", "foo:u:Frag@h"}) {
    EXPECT_THAT(refusal(text), HasSubstr("percent-encoded")) << text;
    EXPECT_THAT(refusal(text), Not(HasSubstr("S3cr"))) << text;
    EXPECT_THAT(refusal(text), Not(HasSubstr("Frag"))) << text;
  }
}

TEST(TransportUrl, URL_23_BlanksAndControlCharactersAreRefused) {
  const std::string nul("foo://h\0/", 9);
  for (const std::string& text :
       {std::string("foo://h/\n"), std::string("foo://h h/"), std::string("foo://h/\r"),
        std::string("foo://h\t/"), std::string("foo://h/\x7f"), std::string("foo://h/ "), nul}) {
    EXPECT_THAT(refusal(text), HasSubstr("control characters")) << text;
    EXPECT_THAT(refusal(text), Not(HasSubstr("\n"))) << text;
  }
}

TEST(TransportUrl, URL_24_TheReferenceVectorsPrint) {
  const std::vector<TransportHost> bob{{"host", 10, "bob", "secret"}};
  EXPECT_EQ((TransportUrl{.transport = "t"}).str(), "t:///");
  EXPECT_EQ((TransportUrl{.transport = "t", .virtual_host = "/vhost"}).str(), "t:////vhost");
  EXPECT_EQ((TransportUrl{.transport = "t", .virtual_host = "/", .hosts = bob}).str(),
            "t://bob:secret@host:10//");
  EXPECT_EQ((TransportUrl{.transport = "t",
                          .virtual_host = "",
                          .hosts = {{"h1", 1000, "b1", "s1"}, {"h2", 2000, "b2", "s2"}}})
                .str(),
            "t://b1:s1@h1:1000,b2:s2@h2:2000/");
  EXPECT_EQ(
      (TransportUrl{.transport = "t", .virtual_host = "/$", .hosts = {{"host", 10, "b$", "s&"}}})
          .str(),
      "t://b%24:s%26@host:10//%24");
}

TEST(TransportUrl, URL_25_EachPartIsEscapedInItsOwnWay) {
  const TransportUrl url{.transport = "t",
                         .virtual_host = "a b/c?d",
                         .hosts = {{"h", {}, "u/@:", "A-z_0.~"}},
                         .query = {{"k 1", "a,b c"}, {"l", "é"}}};
  EXPECT_EQ(url.str(), "t://u%2F%40%3A:A-z_0.~@h/a%20b/c%3Fd?k+1=a%2Cb+c&l=%C3%A9");
}

TEST(TransportUrl, URL_26_Ipv6IsBracketedAgainAndEitherHalfOfTheCredentialsIsPrinted) {
  const auto text = [](TransportHost host) {
    return TransportUrl{.transport = "t", .hosts = {std::move(host)}}.str();
  };
  EXPECT_EQ(text({"::1", 5}), "t://[::1]:5/");
  EXPECT_EQ(text({"h", {}, {}, "p"}), "t://:p@h/");
  EXPECT_EQ(text({"h", {}, "u", {}}), "t://u@h/");
}

// Makes URLs of every shape that parse() can give.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  TransportUrl url() {
    TransportUrl url{.transport = pick({"rabbit", "kafka", "fake", "kombu+memory", "a.b-c"})};
    if (chance()) url.virtual_host = text();
    for (int left = below(4); left > 0; --left) url.hosts.push_back(host());
    for (int left = below(3); left > 0; --left) url.query['k' + text()] = text();
    return url;
  }

 private:
  TransportHost host() {
    TransportHost host{.hostname = pick({"h", "mq-1.example.org", "10.0.0.1", "::1", "fe80::a:1"})};
    if (chance()) host.port = static_cast<std::uint16_t>(1 + below(65535));
    if (chance()) host.username = text();
    if (host.username && chance()) host.password = text();
    if (host.username && !host.port && below(8) == 0) host.hostname.reset();
    return host;
  }

  // Every printable ASCII character, controls and some of the world's scripts.
  std::string text() {
    std::string out;
    for (int left = below(8); left > 0; --left) {
      const int kind = below(10);
      out += kind < 8 ? std::string(1, static_cast<char>(' ' + below(95)))
                      : pick({"é", "ß", "漢", "🐇", "\n", "\x7f", "%41", "%zz"});
    }
    return out;
  }

  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
  bool chance() { return below(2) == 0; }
  std::string pick(std::vector<std::string> all) {
    return all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
  }

  std::mt19937 random_;
};

TEST(TransportUrl, URL_27_AUrlSurvivesItsText) {
  const test::CapturedLog quiet;
  Generator generator(27);
  for (int i = 0; i < 10'000; ++i) {
    const auto url = generator.url();
    const auto again = TransportUrl::parse(url.str());
    ASSERT_TRUE(again.identical(url)) << url.str();
    ASSERT_EQ(again.str(), url.str());
  }
}

TEST(TransportUrl, URL_28_TheQueryIsNotPartOfEquality) {
  const auto one = TransportUrl::parse("fake:/v?x=1");
  const auto two = TransportUrl::parse("fake:/v?x=2");
  EXPECT_EQ(one, two);
  EXPECT_EQ(std::hash<TransportUrl>()(one), std::hash<TransportUrl>()(two));
}

TEST(TransportUrl, URL_28_SchemeVirtualHostAndHostsInTheirOrderAre) {
  const auto url = TransportUrl::parse("fake://a,b/v");
  for (const auto* other : {"rabbit://a,b/v", "fake://a,b/w", "fake://b,a/v", "fake://a/v"}) {
    EXPECT_NE(url, TransportUrl::parse(other)) << other;
  }
  EXPECT_EQ(TransportUrl::parse("fake://a"), TransportUrl::parse("fake://a/"));
  EXPECT_EQ(std::hash<TransportUrl>()(TransportUrl::parse("fake://a")),
            std::hash<TransportUrl>()(TransportUrl::parse("fake://a/")));
}

TEST(TransportUrl, URL_29_IdenticalComparesTheQueryToo) {
  const auto url = TransportUrl::parse("fake:/v?x=1");
  EXPECT_FALSE(url.identical(TransportUrl::parse("fake:/v?x=2")));
  EXPECT_TRUE(url.identical(TransportUrl::parse("fake:///v?x=1")));
}

TEST(TransportUrl, URL_30_HostsDifferInEachOfFourFields) {
  const std::unordered_set<TransportHost> distinct{{"h", 1, "u", "p"}, {"i", 1, "u", "p"},
                                                   {"h", 2, "u", "p"}, {"h", 1, "v", "p"},
                                                   {"h", 1, "u", "q"}, {"h", 1, "u", "p"}};
  EXPECT_THAT(distinct, SizeIs(5));
}

TEST(TransportUrl, URL_31_PrintingHidesThePasswordAndWhatIsNotSet) {
  const auto url = TransportUrl::parse("rabbit://u:S3cr%23t@h:5/v?ssl_key_password=S3cr&a=1");
  EXPECT_EQ(shown(url), "rabbit://u:***@h:5/v?a=1&ssl_key_password=***");
  EXPECT_EQ(url.redacted(), shown(url));
  EXPECT_EQ(shown(url.hosts[0]), "u:***@h:5");
  EXPECT_EQ(shown(TransportHost{"h"}), "h");
  EXPECT_EQ(shown(TransportHost{"h", {}, "u", {}}), "u@h");
}

TEST(TransportUrl, URL_31_NoErrorHoldsAPassword) {
  const test::CapturedLog log;
  for (const auto* text :
       {"rabbit://u:S3cr%23t@h:x", "rabbit://u:S3cr t@h", "rabbit://u:S3cr\nt@h",
        "rabbit://u:S3cr@[h", "rabbit://u:S3cr@h?bare", "u_1:S3cr@h", "u_1:S3cr://x@h", "u_1:S3cr",
        "rabbit://u:S3cr", "rabbit://h,u:S3cr/", "rabbit://u:S3cr@h1,v:S3cr",
        "rabbit://u:S3cr%ff@h", "rabbit://h/?password=S3cr&bare", "rabbit://u:1/S3cr@h",
        "rabbit://u:S3cr@h:1,v:S3cr#@i:x"}) {
    EXPECT_THAT(refusal(text), Not(IsEmpty())) << text;
    EXPECT_THAT(refusal(text), Not(HasSubstr("S3cr"))) << text;
  }
  EXPECT_THAT(log.lines(), Not(Contains(HasSubstr("S3cr"))));
}

TEST(TransportUrl, SEC_8_AUrlHasAtMost8KiB) {
  const std::string front = "foo://h/";
  EXPECT_NO_THROW(TransportUrl::parse(front + std::string(8192 - front.size(), 'v')));
  EXPECT_THAT(refusal(front + std::string(8193 - front.size(), 'v')), HasSubstr("8192"));
}

TEST(TransportUrl, SEC_8_AUrlHasAtMost64Hosts) {
  std::string hosts = "foo://h";
  for (int i = 1; i < 64; ++i) hosts += ",h";
  EXPECT_THAT(TransportUrl::parse(hosts).hosts, SizeIs(64));
  EXPECT_THAT(refusal(hosts + ",h"), HasSubstr("64"));
}

}  // namespace
}  // namespace gantry
