// SPDX-License-Identifier: Apache-2.0
#include "gantry/failure.hpp"

#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <typeinfo>
#include <utility>

#include "gantry/remote_exception.hpp"
#include "type_name.hpp"
#include "utf8.hpp"

namespace gantry {
namespace {

constexpr std::string_view kBuiltins = "builtins";

template <class Exception>
bool is(const std::exception& error) {
  return dynamic_cast<const Exception*>(&error) != nullptr;
}

// The builtin that means what a type of the standard library means; empty where Python has none.
std::string_view builtin_of(const std::exception& error) {
  struct Row {
    bool (*fits)(const std::exception&);
    std::string_view builtin;
  };
  constexpr Row rows[] = {
      {is<std::invalid_argument>, "ValueError"}, {is<std::domain_error>, "ValueError"},
      {is<std::length_error>, "ValueError"},     {is<std::out_of_range>, "IndexError"},
      {is<std::logic_error>, "AssertionError"},  {is<std::overflow_error>, "OverflowError"},
      {is<std::range_error>, "ArithmeticError"}, {is<std::underflow_error>, "ArithmeticError"},
      {is<std::system_error>, "OSError"},        {is<std::runtime_error>, "RuntimeError"},
      {is<std::bad_alloc>, "MemoryError"},       {is<std::bad_cast>, "TypeError"},
  };
  for (const Row& row : rows) {
    if (row.fits(error)) return row.builtin;
  }
  return {};
}

// The module where oslo.messaging has a class of the same name; empty where it has none.
std::string_view oslo_module_of(std::string_view class_name) {
  struct Row {
    std::string_view class_name;
    std::string_view module;
  };
  constexpr Row rows[] = {
      {"NoSuchMethod", "oslo_messaging.rpc.dispatcher"},
      {"UnsupportedVersion", "oslo_messaging.rpc.dispatcher"},
      {"RPCDispatcherError", "oslo_messaging.rpc.dispatcher"},
      {"MessagingException", "oslo_messaging.exceptions"},
      {"MessagingTimeout", "oslo_messaging.exceptions"},
      {"MessageDeliveryFailure", "oslo_messaging.exceptions"},
      {"MessageUndeliverable", "oslo_messaging.exceptions"},
      {"InvalidTarget", "oslo_messaging.exceptions"},
      {"ConfigurationError", "oslo_messaging.exceptions"},
      {"InvalidTransportURL", "oslo_messaging.transport"},
      {"DriverLoadFailure", "oslo_messaging.transport"},
      {"MessagingServerError", "oslo_messaging.server"},
      {"RPCVersionCapError", "oslo_messaging.rpc.client"},
  };
  for (const Row& row : rows) {
    if (row.class_name == class_name) return row.module;
  }
  return {};
}

// A type of the program's own goes by its own name, also where it derives from a standard one.
TypeName name_of(const std::exception& error) {
  TypeName name = type_name(typeid(error));
  const bool is_standard = name.module == "std" || name.module.starts_with("std.");
  if (is_standard) {
    if (const auto builtin = builtin_of(error); !builtin.empty()) {
      return {std::string(kBuiltins), std::string(builtin)};
    }
  }
  if (name.module == "gantry") {
    if (const auto module = oslo_module_of(name.class_name); !module.empty()) name.module = module;
  }
  if (name.module.empty()) name.module = "gantry";
  return name;
}

// How a Python traceback ends.
std::string last_line(const Failure& failure) {
  std::string line = failure.module == kBuiltins ? "" : failure.module + '.';
  line += failure.class_name;
  if (!failure.message.empty()) line += ": " + failure.message;
  return line + '\n';
}

Failure made(TypeName name, std::string_view what) {
  Failure failure{.class_name = std::move(name.class_name),
                  .module = std::move(name.module),
                  .message = valid_utf8(what)};
  failure.traceback.push_back(last_line(failure));
  failure.args.emplace_back(failure.message);
  return failure;
}

// Puts what a nested exception tells before the lines of the one that was thrown because of it.
void add_cause(Failure& failure, const std::exception& error) {
  const auto* const nested = dynamic_cast<const std::nested_exception*>(&error);
  if (nested == nullptr || !nested->nested_ptr()) return;
  std::vector<std::string> lines = failure_of(nested->nested_ptr()).traceback;
  lines.emplace_back("\nThe above exception was the direct cause of the following exception:\n\n");
  lines.insert(lines.end(), failure.traceback.begin(), failure.traceback.end());
  failure.traceback = std::move(lines);
}

Failure described(const std::exception& error) {
  Failure failure = made(name_of(error), error.what());
  add_cause(failure, error);
  return failure;
}

// Python marks the class of an exception that it has rebuilt, and its module, with this suffix.
Failure original(Failure failure) {
  constexpr std::string_view suffix = "_Remote";
  if (failure.class_name.ends_with(suffix) && failure.module.ends_with(suffix)) {
    failure.class_name.resize(failure.class_name.size() - suffix.size());
    failure.module.resize(failure.module.size() - suffix.size());
  }
  return failure;
}

std::string text_of(const Failure& failure) {
  std::string text = "Remote error: " + failure.class_name;
  if (!failure.message.empty()) text += ' ' + failure.message;
  if (!failure.traceback.empty()) text += '\n';
  for (const std::string& line : failure.traceback) text += line;
  return text;
}

}  // namespace

Failure failure_of(std::exception_ptr error) {
  const TypeName unknown{"gantry", "unknown"};
  if (!error) return made(unknown, "no exception was thrown");
  try {
    std::rethrow_exception(std::move(error));
  } catch (const RemoteFailure& remote) {
    return remote.failure();
  } catch (const RemoteError& remote) {
    return original(remote.failure());
  } catch (const RemoteException& rebuilt) {
    return original(rebuilt.failure());
  } catch (const std::exception& known) {
    return described(known);
  } catch (...) {
    return made(unknown, "the method threw something that is not a std::exception");
  }
}

RemoteError::RemoteError(Failure failure)
    : MessagingException(text_of(failure)), failure_(std::move(failure)) {}

RemoteFailure::RemoteFailure(Failure failure)
    : MessagingException(failure.message), failure_(std::move(failure)) {}

RemoteError::~RemoteError() = default;
RemoteFailure::~RemoteFailure() = default;

}  // namespace gantry
