// SPDX-License-Identifier: Apache-2.0
#include "mark.hpp"
#include "null_driver.hpp"

namespace {

constexpr gantry::OptionSpec kOptions[] = {
    {.name = "answer",
     .type = gantry::OptionType::integer,
     .default_value = "42",
     .min = 1,
     .max = 100,
     .help = "A number."},
    {.name = "expected_answer",
     .type = gantry::OptionType::integer,
     .default_value = "42",
     .help = "What the answer has to be for the driver to be made."},
};

std::unique_ptr<gantry::BaseDriver> make_if_expected(const gantry::DriverContext& context) {
  const auto answer = context.options.get<std::int64_t>("answer");
  const auto expected = context.options.get<std::int64_t>("expected_answer");
  if (answer != expected) {
    throw std::runtime_error("the answer is " + std::to_string(answer) + ", not " +
                             std::to_string(expected));
  }
  return make_null(context);
}

}  // namespace

GANTRY_EXPORT_DRIVER(.schemes = "good fine", .version = "1.2.3", .summary = "a driver that loads",
                     .options = kOptions, .create = make_if_expected);
