// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gantry/error.hpp"
#include "gantry/export.hpp"

namespace gantry {

// A driver could not be had. The text says what, where and what to do; `reason` is for programs.
class GANTRY_API DriverLoadFailure : public MessagingException {
 public:
  enum class Reason {
    not_found,      // no file and no linked driver for the scheme
    untrusted,      // the file or its directory is writable by everyone
    not_a_library,  // not a whole ELF shared object for this machine
    no_entry,       // exports no gantry driver
    wrong_abi,      // exports one that was built otherwise than this host
    link_failed,    // the dynamic linker refused it
    wrong_scheme,   // the driver inside does not serve the scheme of its file's name
    duplicate,      // a scheme was registered twice
    create_failed,  // its factory threw
  };

  DriverLoadFailure(Reason reason, std::string driver, const std::string& what);
  ~DriverLoadFailure() override;
  Reason reason() const noexcept { return reason_; }
  const std::string& driver() const noexcept { return driver_; }  // the scheme as it was written

 private:
  Reason reason_;
  std::string driver_;
};

}  // namespace gantry
