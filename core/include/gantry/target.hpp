// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "gantry/error.hpp"
#include "gantry/export.hpp"

namespace gantry {

// Where a message goes, or where a server listens (semantics §6). Which fields matter depends on
// who uses it; absent and empty differ.
//
//   Target{.topic = "calc", .server = "node-1"}
struct GANTRY_API Target {
  std::optional<std::string> exchange{};  // absent: the transport's default exchange
  std::optional<std::string> topic{};
  std::optional<std::string> ns{};       // the RPC namespace
  std::optional<std::string> version{};  // "major.minor[.revision]"
  std::optional<std::string> server{};
  std::optional<bool> fanout{};
  std::vector<std::optional<std::string>> legacy_namespaces{};  // an endpoint accepts these as well

  bool is_fanout() const noexcept { return fanout.value_or(false); }
  std::vector<std::optional<std::string>> accepted_namespaces() const;

  // `<Target topic=calc, server=node-1>`: the fields that are set and not empty (TGT-7).
  std::string str() const;

  friend bool operator==(const Target&, const Target&) = default;
};

GANTRY_API std::ostream& operator<<(std::ostream& out, const Target& target);

// A target that lacks what the operation needs; the text ends with the target's text form (TGT-8).
class GANTRY_API InvalidTarget : public InvalidArgument {
 public:
  InvalidTarget(const std::string& what, Target target);
  ~InvalidTarget() override;
  const Target& target() const noexcept { return target_; }

 private:
  Target target_;
};

// A call or cast that the driver could not send for a reason of the backend's: access refused, a
// protocol error. `cause` is the driver's TransportDriverError (CLI-16).
class GANTRY_API ClientSendError : public MessagingException {
 public:
  ClientSendError(Target target, std::exception_ptr cause);
  ~ClientSendError() override;
  const Target& target() const noexcept { return target_; }
  const std::exception_ptr& cause() const noexcept { return cause_; }

 private:
  Target target_;
  std::exception_ptr cause_;
};

// The same for a server's subscription (SRV-14).
class GANTRY_API ServerListenError : public MessagingServerError {
 public:
  ServerListenError(Target target, std::exception_ptr cause);
  ~ServerListenError() override;
  const Target& target() const noexcept { return target_; }
  const std::exception_ptr& cause() const noexcept { return cause_; }

 private:
  Target target_;
  std::exception_ptr cause_;
};

}  // namespace gantry

template <>
struct std::hash<gantry::Target> {
  GANTRY_API std::size_t operator()(const gantry::Target& target) const noexcept;
};
