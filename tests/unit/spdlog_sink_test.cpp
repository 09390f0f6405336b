// SPDX-License-Identifier: Apache-2.0
#include "gantry/notify/spdlog_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <latch>
#include <thread>

#include "gantry/error.hpp"
#include "marking_serializer.hpp"
#include "noting_driver.hpp"
#include "recording_driver.hpp"

namespace gantry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

struct SpdlogSink : testing::Test {
  RecordingDriver::Record record;
  Transport transport = [this] {
    record.features.notifications = true;
    return record_transport(record);
  }();
  test::Notes notes;

  SpdlogSink() { TestNotifyDriver::reset(); }
  ~SpdlogSink() override { set_log_sink({}); }

  static spdlog::logger logger_to(spdlog::sink_ptr sink) {
    spdlog::logger logger("calc", std::move(sink));
    logger.set_level(spdlog::level::trace);
    return logger;
  }
  // To a driver of the test's own.
  spdlog::logger noted(std::function<void()> then = {}) {
    return logger_to(std::make_shared<NotificationSink>(
        Notifier(transport, {}, {test::note_to(notes, std::move(then))("own")})));
  }
  // The library's own lines become records of this logger.
  static void lead_lines_to(spdlog::logger& logger) {
    set_log_sink([&](LogLevel, std::string_view text) { logger.error("{}", text); });
  }
};

TEST_F(SpdlogSink, HOOK_1_EachRecordIsANotificationOfItsLevel) {
  auto logger = noted();
  for (const auto level :
       {spdlog::level::trace, spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
        spdlog::level::err, spdlog::level::critical, spdlog::level::off}) {
    logger.log(level, "text");
  }
  std::vector<std::string> priorities;
  for (const auto& note : notes.take()) {
    EXPECT_EQ(note.notification.event_type, "logrecord");
    EXPECT_THAT(note.notification.context, IsEmpty());
    priorities.push_back(note.notification.priority);
  }
  EXPECT_THAT(priorities, ElementsAre("DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"));
}

TEST_F(SpdlogSink, HOOK_1_NoLockIsHeldWhileItIsSent) {
  std::latch both(2);
  auto logger = noted([&] { both.arrive_and_wait(); });
  {
    const std::jthread first([&] { logger.info("one"); });
    const std::jthread second([&] { logger.info("two"); });
  }
  EXPECT_THAT(notes.take(), SizeIs(2));
}

TEST_F(SpdlogSink, HOOK_2_ThePayloadHasTheFieldsOfARecord) {
  auto logger = noted();
  logger.log({"main.cpp", 42, "run"}, spdlog::level::warn, "disk {} is {} % full", "sda", 97);
  auto payload = notes.take().at(0).notification.payload.as_object();
  EXPECT_NE(payload.at("thread"), Value(0U));
  EXPECT_NE(payload.at("processName"), Value(""));
  payload.erase("thread");
  payload.erase("processName");
  EXPECT_EQ(payload, (Object{{"name", "calc"},
                             {"levelno", 30},
                             {"levelname", "WARNING"},
                             {"exc_info", nullptr},
                             {"pathname", "main.cpp"},
                             {"lineno", 42},
                             {"msg", "disk sda is 97 % full"},
                             {"funcName", "run"},
                             {"process", ::getpid()},
                             {"extra", nullptr}}));
}

TEST_F(SpdlogSink, HOOK_3_TheNotifierHasItsOptions) {
  auto logger = logger_to(std::make_shared<NotificationSink>(
      Notifier(transport, {.publisher_id = "p",
                           .topics = {"logs"},
                           .drivers = {"messaging"},
                           .serializer = std::make_shared<Marking>()})));
  logger.info("text");
  ASSERT_THAT(record.sent, SizeIs(1));
  EXPECT_EQ(record.sent[0].target.topic, "logs.info");
  EXPECT_EQ(record.sent[0].message.body.at("publisher_id"), "p");
  EXPECT_EQ(record.sent[0].envelope, Envelope::v1);
}

TEST_F(SpdlogSink, HOOK_4_AnErrorIsToldWithItsArguments) {
  auto logger = logger_to(
      std::make_shared<ErrorNotificationSink>(transport, NotifierOptions{.drivers = {"test"}}));
  logger.warn("not this one");
  logger.error("disk {} is full", "sda");
  const auto kept = TestNotifyDriver::kept();
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].notification.publisher_id, "error.publisher");
  EXPECT_EQ(kept[0].notification.event_type, "error_notification");
  EXPECT_EQ(kept[0].notification.payload, Value({{"error", "disk sda is full"}}));
  EXPECT_EQ(kept[0].priority, Priority::error);
}

TEST_F(SpdlogSink, HOOK_4_WithTheLogDriverItDoesNothing) {
  auto logger = logger_to(std::make_shared<ErrorNotificationSink>(
      transport, NotifierOptions{.drivers = {"log", "test"}}));
  logger.error("text");
  EXPECT_THAT(TestNotifyDriver::kept(), IsEmpty());
}

TEST_F(SpdlogSink, HOOK_4_WhatIsLoggedWhileARecordIsToldIsNotTold) {
  spdlog::logger* self = nullptr;
  auto logger = noted([&] {
    self->error("from within");
    throw MessageDeliveryFailure("the notifier logs this");
  });
  self = &logger;
  lead_lines_to(logger);
  logger.info("first");
  logger.info("second");
  EXPECT_THAT(notes.take_drivers(), ElementsAre("own", "own"));
}

TEST_F(SpdlogSink, HOOK_4_TheErrorPublisherDoesNotFeedItselfEither) {
  auto logger = logger_to(std::make_shared<ErrorNotificationSink>(transport));
  lead_lines_to(logger);
  int sends = 0;
  record.fault = [&] {
    ++sends;
    throw MessageDeliveryFailure("the notifier logs this");
  };
  logger.error("text");
  EXPECT_EQ(sends, 1);
}

TEST_F(SpdlogSink, HOOK_4_TheLibrarysOwnLinesAreNotTold) {
  auto logger = noted();
  lead_lines_to(logger);
  log(LogLevel::error, "from a thread of a driver, say");
  EXPECT_THAT(notes.take(), IsEmpty());
  EXPECT_FALSE(is_logging());
}

}  // namespace
}  // namespace gantry
