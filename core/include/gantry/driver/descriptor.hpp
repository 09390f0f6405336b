// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/version.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "gantry/driver/base_driver.hpp"
#include "gantry/driver/features.hpp"
#include "gantry/ledger.hpp"
#include "gantry/options.hpp"
#include "gantry/transport_url.hpp"

// The name of a plugin's one exported symbol carries everything that host and plugin must agree on:
// the number of gantry's ABI, the standard library and its string (or its checked containers),
// Boost's version (its JSON values cross the boundary), the sanitizer. The host knows its own name
// and compares it with the file's symbol table before the file is opened
// (docs/decisions/0001-plugin-abi.md).
#define GANTRY_ABI 1

#ifdef __GLIBCXX__
#if defined(_GLIBCXX_DEBUG)
#define GANTRY_ABI_STDLIB libstdcxx_debug
#elif _GLIBCXX_USE_CXX11_ABI
#define GANTRY_ABI_STDLIB libstdcxx_cxx11
#else
#define GANTRY_ABI_STDLIB libstdcxx_cxx98
#endif
#else
#define GANTRY_ABI_STDLIB libcxx
#endif

#if BOOST_VERSION / 100 == 1081
#define GANTRY_ABI_BOOST boost181
#else
#define GANTRY_ABI_BOOST GANTRY_PASTE(boost, BOOST_VERSION)
#endif

#if defined(__SANITIZE_ADDRESS__)
#define GANTRY_ABI_SANITIZER _asan
#elif defined(__SANITIZE_THREAD__)
#define GANTRY_ABI_SANITIZER _tsan
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GANTRY_ABI_SANITIZER _asan
#elif __has_feature(thread_sanitizer)
#define GANTRY_ABI_SANITIZER _tsan
#endif
#endif
#ifndef GANTRY_ABI_SANITIZER
#define GANTRY_ABI_SANITIZER
#endif

#define GANTRY_PASTE_(a, b) a##b
#define GANTRY_PASTE(a, b) GANTRY_PASTE_(a, b)
#define GANTRY_PASTE4_(a, b, c, d) gantry_driver_abi##a##_##b##_##c##d
#define GANTRY_PASTE4(a, b, c, d) GANTRY_PASTE4_(a, b, c, d)
#define GANTRY_DRIVER_SYMBOL \
  GANTRY_PASTE4(GANTRY_ABI, GANTRY_ABI_STDLIB, GANTRY_ABI_BOOST, GANTRY_ABI_SANITIZER)

#define GANTRY_TEXT_(a) #a
#define GANTRY_TEXT(a) GANTRY_TEXT_(a)

namespace gantry {

inline constexpr std::string_view kDriverSymbolPrefix = "gantry_driver_abi";
inline constexpr std::string_view kDriverSymbol = GANTRY_TEXT(GANTRY_DRIVER_SYMBOL);

// What a driver is made from; it copies what it keeps.
struct DriverContext {
  const TransportUrl& url;
  const Options& options;
  std::string default_exchange;  // oslo.messaging's control_exchange
  // The transport's own, for what only the driver sees (Mishap). Shared; never null.
  std::shared_ptr<Ledger> ledger = std::make_shared<Ledger>();
};

// A driver, described by constants.
struct DriverDescriptor {
  std::string_view schemes{};         // "rabbit kombu": its name, then the aliases
  std::string_view version{};         // its own: "0.1.0"
  std::string_view summary{};         // one line
  std::string_view client_library{};  // "rabbitmq-c 0.11.0"; empty where it has none
  Features features{};
  std::span<const OptionSpec> options{};
  // Makes a driver and opens no connection (TRN-12). May throw gantry's exceptions.
  std::unique_ptr<BaseDriver> (*create)(const DriverContext& context) = nullptr;
};

}  // namespace gantry

// Exports the descriptor of a plugin; once a plugin, at namespace scope:
//
//   GANTRY_EXPORT_DRIVER(.schemes = "mine", .version = "1.0", …, .create = make_mine);
#define GANTRY_EXPORT_DRIVER(...)                                                  \
  extern "C" {                                                                     \
  GANTRY_API extern const ::gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL;         \
  constinit const ::gantry::DriverDescriptor GANTRY_DRIVER_SYMBOL = {__VA_ARGS__}; \
  }                                                                                \
  static_assert(true)
