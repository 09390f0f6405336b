// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/export.hpp"
#include "gantry/rpc/context.hpp"
#include "gantry/target.hpp"
#include "gantry/value.hpp"
#include "gantry/version.hpp"

namespace gantry {

namespace detail {

// Parameter types of anything callable.
template <class Function>
struct Signature : Signature<decltype(&Function::operator())> {};
template <class Result, class... Parameters>
struct Signature<Result (*)(Parameters...)> {
  using Types = std::tuple<std::remove_cvref_t<Parameters>...>;
  using Return = Result;
};
template <class Class, class Result, class... Parameters>
struct Signature<Result (Class::*)(Parameters...)> : Signature<Result (*)(Parameters...)> {};
template <class Class, class Result, class... Parameters>
struct Signature<Result (Class::*)(Parameters...) const> : Signature<Result (*)(Parameters...)> {};
template <class Class, class Result, class... Parameters>
struct Signature<Result (Class::*)(Parameters...) noexcept> : Signature<Result (*)(Parameters...)> {
};
template <class Class, class Result, class... Parameters>
struct Signature<Result (Class::*)(Parameters...) const noexcept>
    : Signature<Result (*)(Parameters...)> {};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

GANTRY_API void check_arguments(const std::vector<std::string>& names,
                                const std::vector<bool>& optional, const Object& args);
[[noreturn]] GANTRY_API void throw_bad_argument(std::string_view name, const std::string& why);

template <class T>
T argument(const Object& args, const std::string& name) {
  const Value* given = args.if_contains(name);
  if constexpr (IsOptional<T>::value) {
    if (given == nullptr || given->is_null()) return std::nullopt;
    return argument<typename T::value_type>(args, name);
  } else {
    try {
      return boost::json::value_to<T>(*given);
    } catch (const std::exception& error) {
      throw_bad_argument(name, error.what());
    }
  }
}

}  // namespace detail

// An exception that a method throws in the course of its work: the caller gets it, and the server's
// log does not call it an error (RPCS-6). Types derived from it count as well.
using ExpectedError = bool (*)(const std::exception_ptr& error);
template <class Exception>
inline constexpr ExpectedError expected = [](const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Exception&) {
    return true;
  } catch (...) {
    return false;
  }
};

struct MethodOptions {
  bool exposed = false;  // for a server with the ExplicitAccessPolicy
  std::vector<ExpectedError> expects{};
};

// A set of methods under one namespace and version; copies share the methods.
//
//   gantry::Endpoint calc("1.0");
//   calc.method("add", {"a", "b"}, [](std::int64_t a, std::int64_t b) { return a + b; });
//   calc.method("get", {"key"}, get, {.expects = {gantry::expected<std::out_of_range>}});
//
// Build it before the server starts; after that it is read by many threads at once.
class GANTRY_API Endpoint {
 public:
  // The method's result, or what it throws, is the reply.
  using Function = std::function<Value(const Context& context, const Object& args)>;
  struct Method {
    Function run;
    MethodOptions options;
  };

  // Throws InvalidVersion.
  explicit Endpoint(std::string_view version = "1.0", std::optional<std::string> ns = {},
                    std::vector<std::optional<std::string>> legacy_namespaces = {});

  // A method with named parameters of any types that boost::json::value_to converts. A parameter of
  // type std::optional may be left out by the caller. A first parameter `const Context&` gets the
  // request's context and is not named. Missing, unexpected and ill-typed arguments are told to the
  // caller with their names. Throws InvalidArgument for a name that is taken or empty.
  template <class Callable>
  Endpoint& method(std::string name, std::vector<std::string> parameters, Callable callable,
                   MethodOptions options = {}) {
    using Types = typename detail::Signature<Callable>::Types;
    return method(std::move(name), typed(std::move(parameters), std::move(callable), Types{}),
                  std::move(options));
  }

  // The raw form: all arguments as they came.
  Endpoint& method(std::string name, Function function, MethodOptions options = {});

  const Version& version() const noexcept { return version_; }
  bool accepts_namespace(const std::optional<std::string>& ns) const;
  const Method* find(std::string_view method) const;  // null when there is none

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>()(name);
    }
  };
  using Methods = std::unordered_map<std::string, Method, Hash, std::equal_to<>>;

  template <class Callable, class... Types>
  static Function typed(std::vector<std::string> names, Callable callable,
                        std::tuple<Context, Types...>) {
    return bind<Types...>(std::move(names), [callable = std::move(callable)](
                                                const Context& context, auto&&... args) mutable {
      return callable(context, std::forward<decltype(args)>(args)...);
    });
  }
  template <class Callable, class... Types>
  static Function typed(std::vector<std::string> names, Callable callable, std::tuple<Types...>) {
    return bind<Types...>(std::move(names),
                          [callable = std::move(callable)](const Context&, auto&&... args) mutable {
                            return callable(std::forward<decltype(args)>(args)...);
                          });
  }

  template <class... Types, class Callable>
  static Function bind(std::vector<std::string> names, Callable callable) {
    if (names.size() != sizeof...(Types)) {
      throw InvalidArgument("a method needs one name for each of its parameters");
    }
    const std::vector<bool> optional{detail::IsOptional<Types>::value...};
    return [names = std::move(names), optional, callable = std::move(callable)](
               const Context& context, const Object& args) mutable {
      detail::check_arguments(names, optional, args);
      return [&]<std::size_t... I>(std::index_sequence<I...>)->Value {
        std::tuple<Types...> converted{detail::argument<Types>(args, names[I])...};
        const auto run = [&] { return callable(context, std::move(std::get<I>(converted))...); };
        if constexpr (std::is_void_v<decltype(run())>) {
          run();
          return nullptr;
        } else {
          return boost::json::value_from(run());
        }
      }
      (std::index_sequence_for<Types...>{});
    };
  }

  Version version_;
  std::optional<std::string> namespace_;
  std::vector<std::optional<std::string>> legacy_namespaces_;
  // Shared by copies: endpoints are handed to servers by value.
  std::shared_ptr<Methods> methods_;
};

}  // namespace gantry
