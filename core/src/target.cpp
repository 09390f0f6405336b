// SPDX-License-Identifier: Apache-2.0
#include "gantry/target.hpp"

#include <boost/container_hash/hash.hpp>
#include <ostream>
#include <utility>

#include "exception_text.hpp"

namespace gantry {

std::vector<std::optional<std::string>> Target::accepted_namespaces() const {
  std::vector<std::optional<std::string>> accepted{ns};
  accepted.insert(accepted.end(), legacy_namespaces.begin(), legacy_namespaces.end());
  return accepted;
}

std::string Target::str() const {
  constexpr std::size_t usual = 80;
  constexpr std::string_view head = "<Target";
  std::string text;
  text.reserve(usual);
  text += head;
  const auto field = [&](std::string_view name, const std::optional<std::string>& value) {
    if (!value || value->empty()) return;
    text += text.size() == head.size() ? " " : ", ";
    text += name;
    text += '=';
    text += *value;
  };
  field("exchange", exchange);
  field("topic", topic);
  field("namespace", ns);
  field("version", version);
  field("server", server);
  if (is_fanout()) field("fanout", "True");
  text += '>';
  return text;
}

std::ostream& operator<<(std::ostream& out, const Target& target) { return out << target.str(); }

ClientSendError::ClientSendError(Target target, std::exception_ptr cause)
    : MessagingException("cannot send to " + target.str() + ": " + text_of(cause)),
      target_(std::move(target)),
      cause_(std::move(cause)) {}
ClientSendError::~ClientSendError() = default;

ServerListenError::ServerListenError(Target target, std::exception_ptr cause)
    : MessagingServerError("cannot listen on " + target.str() + ": " + text_of(cause)),
      target_(std::move(target)),
      cause_(std::move(cause)) {}
ServerListenError::~ServerListenError() = default;

InvalidTarget::InvalidTarget(const std::string& what, Target target)
    : InvalidArgument(what + ": " + target.str()), target_(std::move(target)) {}
InvalidTarget::~InvalidTarget() = default;

}  // namespace gantry

std::size_t std::hash<gantry::Target>::operator()(const gantry::Target& target) const noexcept {
  std::size_t seed = 0;
  const auto mix = [&](const std::optional<std::string>& field) {
    boost::hash_combine(seed, field.has_value());
    if (field) boost::hash_combine(seed, *field);
  };
  mix(target.exchange);
  mix(target.topic);
  mix(target.ns);
  mix(target.version);
  mix(target.server);
  boost::hash_combine(seed, target.fanout ? 1 + static_cast<int>(*target.fanout) : 0);
  for (const auto& legacy : target.legacy_namespaces) mix(legacy);
  return seed;
}
