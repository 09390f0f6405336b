// SPDX-License-Identifier: Apache-2.0
#include "entry_symbol.hpp"

#include <algorithm>
#include <boost/dll/library_info.hpp>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "gantry/driver/descriptor.hpp"
#include "refusal.hpp"

namespace gantry {
namespace {

using Reason = DriverLoadFailure::Reason;

// The symbols that say "a gantry driver", whatever build they are of.
std::vector<std::string> entry_symbols(const std::filesystem::path& file) try {
  auto symbols = boost::dll::library_info(file).symbols();
  std::erase_if(symbols, [](const auto& name) { return !name.starts_with(kDriverSymbolPrefix); });
  for (auto& name : symbols) name.resize(std::min(name.find('@'), name.size()));  // its version
  return symbols;
} catch (const std::exception& error) {
  throw Refusal{Reason::not_a_library, std::string("its symbols cannot be read: ") + error.what()};
}

std::string build_of(std::string_view symbol) {
  constexpr std::string_view before = "gantry_driver_";
  return std::string(symbol.substr(before.size()));
}

}  // namespace

void check_entry_symbol(const std::filesystem::path& file) {
  const auto found = entry_symbols(file);
  if (std::find(found.begin(), found.end(), kDriverSymbol) != found.end()) return;
  if (found.empty()) {
    throw Refusal{Reason::no_entry,
                  "it exports no gantry driver; a driver says GANTRY_EXPORT_DRIVER once"};
  }
  throw Refusal{Reason::wrong_abi,
                "it was built as " + build_of(found.front()) + ", this host is " +
                    build_of(kDriverSymbol) +
                    "; build it with this host's gantry, Boost and compiler flags"};
}

}  // namespace gantry
