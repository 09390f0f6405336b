// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netdb.h>

#include <cstdint>
#include <memory>
#include <string>

#include "gantry/deadline.hpp"
#include "interrupt.hpp"

namespace gantry::rabbit {

struct FreeAddresses {
  void operator()(addrinfo* first) const noexcept { ::freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// The addresses of a host, in the order in which they are to be tried; there is one at least.
// Throws ConnectionLost: the name has none, the name server has not answered by `deadline`, or the
// interrupt was raised.
Addresses resolve(const std::string& host, std::uint16_t port, Deadline deadline,
                  const Interrupt& interrupt);

}  // namespace gantry::rabbit
