// SPDX-License-Identifier: Apache-2.0
#include "gantry/rpc/remote_exceptions.hpp"

#include <stdexcept>

#include "gantry/log.hpp"

namespace gantry {
namespace {

void warn(const Failure& failure, std::string_view why) {
  log(LogLevel::warning, "the remote exception " + printable(failure.module, 80) + '.' +
                             printable(failure.class_name, 80) +
                             " is not rebuilt: " + printable(why, 200));
}

}  // namespace

RemoteExceptions& RemoteExceptions::add(std::string module, std::string class_name,
                                        Factory factory) {
  by_module_[std::move(module)].insert_or_assign(std::move(class_name), std::move(factory));
  return *this;
}

RemoteExceptions RemoteExceptions::standard() {
  RemoteExceptions known;
  known.add<std::invalid_argument>("builtins", "ValueError")
      .add<std::out_of_range>("builtins", "IndexError")
      .add<std::out_of_range>("builtins", "KeyError")
      .add<std::overflow_error>("builtins", "OverflowError")
      .add<std::range_error>("builtins", "ArithmeticError")
      .add<std::runtime_error>("builtins", "RuntimeError")
      .add<std::runtime_error>("builtins", "OSError")
      .add<std::logic_error>("builtins", "AssertionError")
      .add<std::logic_error>("builtins", "TypeError");
  return known;
}

std::exception_ptr RemoteExceptions::rebuild(const Failure& failure) const {
  const auto module = by_module_.find(failure.module);
  if (module == by_module_.end()) return std::make_exception_ptr(RemoteError(failure));
  const auto known = module->second.find(failure.class_name);
  if (known == module->second.end()) {
    warn(failure, "its class was not added");
    return std::make_exception_ptr(RemoteError(failure));
  }
  try {
    known->second(failure);
    warn(failure, "its factory threw nothing");
  } catch (const RemoteException&) {
    return std::current_exception();
  } catch (const std::exception& error) {
    warn(failure, error.what());
  } catch (...) {
    warn(failure, "its factory threw something that is no std::exception");
  }
  return std::make_exception_ptr(RemoteError(failure));
}

}  // namespace gantry
