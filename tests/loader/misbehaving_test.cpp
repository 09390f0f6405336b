// SPDX-License-Identifier: Apache-2.0
// What becomes of a program whose driver breaks the contract once it is loaded.
#include <gmock/gmock.h>

#include <functional>

#include "gantry/error.hpp"
#include "plugin_files.hpp"

namespace gantry {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Misbehaving : public Loader {
 protected:
  Misbehaving() { folder_.add("misbehaving"); }

  std::string driver_error(const std::function<void(Transport&)>& verb) const {
    auto bus = manager().open("misbehaving://");
    try {
      verb(bus);
    } catch (const TransportDriverError& error) {
      return error.what();
    }
    return "no TransportDriverError";
  }
};

TEST_F(Misbehaving, PLUG_33_AForeignExceptionOfAVerbNamesTheDriver) {
  EXPECT_THAT(driver_error([](auto& bus) { bus.send({.topic = "throws"}, {}, {}); }),
              AllOf(HasSubstr("'misbehaving'"), HasSubstr("the client library is at a loss")));
  EXPECT_THAT(driver_error([](auto& bus) { bus.send({.topic = "throws an own type"}, {}, {}); }),
              AllOf(HasSubstr("'misbehaving'"), HasSubstr("no std::exception")));
}

TEST_F(Misbehaving, AForeignExceptionOfASubscriptionNamesTheDriver) {
  EXPECT_THAT(driver_error([](auto& bus) { bus.listen({.topic = "t", .server = "s"}, {}, never); }),
              HasSubstr("'misbehaving'"));
  EXPECT_THAT(driver_error([](auto& bus) {
                const Subscription one[] = {{.target = {.topic = "t"}, .priority = "info"}};
                bus.listen_for_notifications(one, "", {}, never);
              }),
              HasSubstr("'misbehaving'"));
}

TEST_F(Misbehaving, ACompletionThatIsDroppedFails) {
  EXPECT_THAT(driver_error([](auto& bus) { bus.send({.topic = "drops"}, {}, {}); }),
              HasSubstr("abandoned"));
}

TEST_F(Misbehaving, ACompletionThatIsNeverToldEndsAtTheDeadline) {
  auto bus = manager().open("misbehaving://");
  CallOptions options;
  options.deadline = Deadline::after(std::chrono::milliseconds(1));
  EXPECT_THROW(bus.call({.topic = "t"}, {}, options), MessagingTimeout);
}

TEST_F(Misbehaving, ACompletionCountsOnce) {
  auto bus = manager().open("misbehaving://");
  EXPECT_NO_THROW(bus.send_notification({.topic = "t"}, {}, Envelope::v2, {}));
}

}  // namespace
}  // namespace gantry
