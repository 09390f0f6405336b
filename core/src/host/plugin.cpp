// SPDX-License-Identifier: Apache-2.0
#include "plugin.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <string>

#include "elf_dynamic.hpp"
#include "elf_tables.hpp"
#include "entry_symbol.hpp"
#include "refusal.hpp"
#include "trust.hpp"

namespace gantry {
namespace {

using Reason = DriverLoadFailure::Reason;

void check_elf(const std::filesystem::path& file) {
  const FileBytes bytes(file);
  const auto elf = ElfTables::read(bytes);
  const DynamicSection dynamic(bytes, elf);
  check_symbols(dynamic);
  check_relocations(dynamic);
}

// Everything is bound at once, so that a missing symbol shows here and not in the middle of a call;
// nothing is unloaded, since an object, an exception or a thread may outlive whoever asked for it.
// Boost.DLL hands the mode to dlopen as it is.
const DriverDescriptor& load(const std::filesystem::path& file) {
  const auto mode = static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  boost::dll::shared_library library;
  std::error_code error;
  library.load(file, error, mode);
  if (error) {
    const char* const text = ::dlerror();
    throw Refusal{Reason::link_failed, std::string("the dynamic linker refused it: ") +
                                           (text != nullptr ? text : error.message())};
  }
  const std::string symbol(kDriverSymbol);
  if (!library.has(symbol)) throw Refusal{Reason::no_entry, "its gantry driver is not exported"};
  return library.get<const DriverDescriptor>(symbol);
}

}  // namespace

std::vector<std::string_view> schemes_of(const DriverDescriptor& descriptor) {
  std::vector<std::string_view> schemes;
  for (auto rest = descriptor.schemes; !rest.empty();) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (end > 0) schemes.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return schemes;
}

const DriverDescriptor& open_plugin(const std::filesystem::path& file, std::string_view name) try {
  const auto trusted = trusted_file(file);
  check_elf(trusted);
  check_entry_symbol(trusted);
  const auto& descriptor = load(trusted);
  const auto schemes = schemes_of(descriptor);
  if (std::find(schemes.begin(), schemes.end(), name) != schemes.end()) return descriptor;
  throw Refusal{Reason::wrong_scheme, "the driver inside serves '" +
                                          std::string(descriptor.schemes) + "', not '" +
                                          std::string(name) + "'; name the file after its scheme"};
} catch (const std::filesystem::filesystem_error& error) {  // it vanished while it was looked at
  throw Refusal{Reason::not_a_library, error.what()};
}

}  // namespace gantry
