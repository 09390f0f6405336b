// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gantry::cli {

// What the process ends with; scripts rely on the numbers (docs/cli.md).
enum class ExitCode {
  done = 0,
  failed = 1,
  usage = 2,
  not_found = 3,  // a driver, a transport's name, a file, a broker to stop
  timeout = 4,
  remote_error = 5,  // the remote end answered with an error
  unreachable = 6,   // the broker is unreachable, or refused
  unsound = 7,       // a check or a ledger does not hold
};

}  // namespace gantry::cli
