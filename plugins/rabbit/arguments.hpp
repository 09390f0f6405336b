// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <amqp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace gantry::rabbit {

struct Argument;
using Arguments = std::vector<Argument>;

// One entry of an AMQP table, typed as oslo.messaging types it: booleans `t`, texts `S`, integers
// `I` and, where 32 bits are too few, 64; nested tables `F`.
struct Argument {
  std::string key;
  std::variant<bool, std::int64_t, std::string, Arguments> value;

  friend bool operator==(const Argument&, const Argument&) = default;
};

// Arguments as rabbitmq-c wants them. Borrows the texts: the arguments must outlive it.
class Table {
 public:
  explicit Table(const Arguments& arguments);

  const amqp_table_t& get() const noexcept { return table_; }

 private:
  amqp_field_value_t field(const Argument& argument);

  std::vector<amqp_table_entry_t> entries_;
  std::vector<std::unique_ptr<Table>> nested_;
  amqp_table_t table_;
};

}  // namespace gantry::rabbit
