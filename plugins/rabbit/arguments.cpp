// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <limits>

#include "fault.hpp"

namespace gantry::rabbit {

Table::Table(const Arguments& arguments) {
  entries_.reserve(arguments.size());
  for (const auto& argument : arguments) entries_.push_back({bytes(argument.key), field(argument)});
  table_ = {static_cast<int>(entries_.size()), entries_.data()};
}

amqp_field_value_t Table::field(const Argument& argument) {
  amqp_field_value_t field{};
  if (const auto* flag = std::get_if<bool>(&argument.value)) {
    field.kind = AMQP_FIELD_KIND_BOOLEAN;
    field.value.boolean = *flag;
  } else if (const auto* number = std::get_if<std::int64_t>(&argument.value)) {
    const bool fits = *number >= std::numeric_limits<std::int32_t>::min() &&
                      *number <= std::numeric_limits<std::int32_t>::max();
    field.kind = fits ? AMQP_FIELD_KIND_I32 : AMQP_FIELD_KIND_I64;
    if (fits) {
      field.value.i32 = static_cast<std::int32_t>(*number);
    } else {
      field.value.i64 = *number;
    }
  } else if (const auto* string = std::get_if<std::string>(&argument.value)) {
    field.kind = AMQP_FIELD_KIND_UTF8;
    field.value.bytes = bytes(*string);
  } else {
    nested_.push_back(std::make_unique<Table>(std::get<Arguments>(argument.value)));
    field.kind = AMQP_FIELD_KIND_TABLE;
    field.value.table = nested_.back()->get();
  }
  return field;
}

}  // namespace gantry::rabbit
