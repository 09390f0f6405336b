// SPDX-License-Identifier: Apache-2.0
#include "gantry/remote_exception.hpp"

#include <utility>

namespace gantry {

RemoteException::RemoteException(Failure failure) : failure_(std::move(failure)) {}
RemoteException::~RemoteException() = default;

std::string RemoteException::text_of(const Failure& failure) {
  std::string text = failure.message + '\n';
  for (const auto& line : failure.traceback) text += line;
  return text;
}

bool is_remote(const std::exception& error) noexcept {
  return dynamic_cast<const RemoteException*>(&error) != nullptr ||
         dynamic_cast<const RemoteError*>(&error) != nullptr;
}

std::vector<std::string> remote_traceback(const std::exception& error) {
  if (const auto* rebuilt = dynamic_cast<const RemoteException*>(&error)) {
    return rebuilt->failure().traceback;
  }
  if (const auto* plain = dynamic_cast<const RemoteError*>(&error)) return plain->traceback();
  return {};
}

}  // namespace gantry
