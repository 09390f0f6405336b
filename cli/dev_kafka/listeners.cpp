// SPDX-License-Identifier: Apache-2.0
#include "listeners.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace gantry::cli {
namespace {

bool listens(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 &&
         listening != 0;
}

}  // namespace

// Connections take the setting from the socket that they came to.
void answer_at_once() noexcept {
  constexpr long most = 4096;  // far more than brokers are
  const auto end = static_cast<int>(std::min(sysconf(_SC_OPEN_MAX), most));
  const int on = 1;
  for (int descriptor = 0; descriptor < end; ++descriptor)
    if (listens(descriptor)) setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace gantry::cli
