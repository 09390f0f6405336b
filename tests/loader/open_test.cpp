// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "gantry/error.hpp"
#include "plugin_files.hpp"

namespace gantry {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Open : public Loader {
 protected:
  Open() {
    folder_.add("good");
    folder_.add("throwing");
    for (const auto* alias : {"throws-std", "throws-int", "throws-own", "throws-gantry"}) {
      fs::create_symlink("gantry_driver_throwing.so", folder_.file(alias));
    }
  }

  DriverLoadFailure create_failure(const std::string& url) const {
    try {
      manager().open(url);
    } catch (const DriverLoadFailure& error) {
      EXPECT_EQ(error.reason(), Reason::create_failed);
      return error;
    }
    ADD_FAILURE() << url << " opened";
    return {Reason::not_found, "", ""};
  }

  std::string configuration_error(const TransportConfig& config) const {
    try {
      manager().open(config);
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "no ConfigurationError";
  }
};

TEST_F(Open, TRN_3_ATransportKnowsItsUrlAndSettings) {
  const auto bus = manager().open({.url = "good+tls://somewhere/v",
                                   .exchange = "mine",
                                   .rpc_response_timeout = std::chrono::seconds(7)});
  EXPECT_EQ(bus.settings().url.transport, "good+tls");
  EXPECT_EQ(bus.settings().default_exchange, "mine");
  EXPECT_EQ(bus.settings().rpc_response_timeout, std::chrono::seconds(7));
}

TEST_F(Open, URL_2_TRN_5_WithoutAUrlItIsTheRabbitOfThisMachine) {
  try {
    manager().open(TransportConfig{});
    FAIL() << "opened";
  } catch (const DriverLoadFailure& error) {
    EXPECT_EQ(error.driver(), "rabbit");
  }
  EXPECT_THROW(manager().open(""), InvalidTransportURL);  // an empty text is no absent one
}

TEST_F(Open, TheManagerMayGoBeforeTheTransport) {
  auto bus = [this] { return manager().open("good://"); }();
  EXPECT_THROW(bus.send(Target{.topic = "t"}, {}, {}), MessagingException);
}

TEST_F(Open, OVR_1_TheQueryWinsOverTheOptionsAndTheseOverTheDefaults) {
  const auto with = [](std::string url, std::vector<OptionSetting> options) {
    return TransportConfig{.url = std::move(url), .options = std::move(options)};
  };
  const OptionSetting seven{"answer", "7", "x.yaml:1:1"};
  manager().open(with("good://", {}));  // 42 by default, as expected by default
  manager().open(with("good:///?expected_answer=7", {seven}));
  manager().open(with("good:///?answer=8&expected_answer=8", {seven}));
}

TEST_F(Open, OVR_6_AnUnknownOptionNamesThePlace) {
  EXPECT_THAT(configuration_error({.url = "good:///?anwser=4"}),
              AllOf(HasSubstr("in the URL's query"), HasSubstr("anwser"), HasSubstr("'answer'")));
  EXPECT_THAT(configuration_error({.url = "good://", .options = {{"nope", "1", "x.yaml:4:7"}}}),
              AllOf(HasSubstr("x.yaml:4:7"), HasSubstr("nope")));
  EXPECT_THAT(configuration_error({.url = "good:///?nope=1", .where = "x.yaml:2:8"}),
              HasSubstr("x.yaml:2:8: in the URL's query"));
}

TEST_F(Open, OVR_7_AValueThatTheDriverDoesNotTakeNamesThePlace) {
  EXPECT_THAT(configuration_error({.url = "good:///?answer=101"}),
              AllOf(HasSubstr("in the URL's query"), HasSubstr("answer")));
  EXPECT_THAT(configuration_error({.url = "good:///?answer=many"}), HasSubstr("answer"));
}

TEST_F(Open, OVR_12_AnAliasHasTheOptionsOfItsDriver) {
  fs::create_symlink("gantry_driver_good.so", folder_.file("fine"));
  EXPECT_NO_THROW(manager().open("fine:///?answer=5&expected_answer=5"));
}

TEST_F(Open, OVR_11_ADriverWithoutOptionsTakesNone) {
  EXPECT_THAT(configuration_error({.url = "throwing:///?foo=1"}), HasSubstr("foo"));
}

TEST_F(Open, TRN_4_CreateFailed_AStandardExceptionIsWrappedWithDriverAndFile) {
  EXPECT_THAT(
      create_failure("throws-std://").what(),
      AllOf(HasSubstr("driver 'throws-std'"), HasSubstr(folder_.file("throws-std").native()),
            HasSubstr("no client library today")));
}

TEST_F(Open, TRN_4_CreateFailed_TheCauseIsKept) {
  try {
    manager().open("throws-std://");
    FAIL() << "opened";
  } catch (const DriverLoadFailure& error) {
    EXPECT_THROW(std::rethrow_if_nested(error), std::runtime_error);
  }
}

TEST_F(Open, TRN_4_CreateFailed_WhatIsNoExceptionIsWrappedToo) {
  for (const auto* url : {"throws-int://", "throws-own://"}) {
    EXPECT_THAT(create_failure(url).what(), HasSubstr("no std::exception")) << url;
  }
}

TEST_F(Open, TRN_4_CreateFailed_AFactoryThatGivesNothing) {
  EXPECT_THAT(create_failure("throwing://").what(), HasSubstr("its factory returned nothing"));
}

TEST_F(Open, PLUG_33_GantrysOwnExceptionsPassAndOutliveTheManager) {
  std::exception_ptr kept;
  try {
    manager().open("throws-gantry://");
  } catch (...) {
    kept = std::current_exception();
  }
  ASSERT_TRUE(kept);
  EXPECT_THROW(std::rethrow_exception(kept), AuthenticationFailed);
}

TEST_F(Open, ABadUrlNamesItsPlaceWhereItHasOne) {
  EXPECT_THROW(manager().open("no url"), InvalidTransportURL);
  EXPECT_THAT(configuration_error({.url = "no url", .where = "x.yaml:2:8"}),
              HasSubstr("x.yaml:2:8: invalid transport URL"));
}

TEST_F(Open, AnUnknownSchemeNamesItsPlaceWhereItHasOne) {
  try {
    manager().open({.url = "rabit://", .where = "x.yaml:2:8"});
    FAIL() << "opened";
  } catch (const DriverLoadFailure& error) {
    EXPECT_EQ(error.reason(), Reason::not_found);
    EXPECT_THAT(error.what(), testing::StartsWith("x.yaml:2:8: no driver for scheme 'rabit'"));
  }
}

}  // namespace
}  // namespace gantry
