// SPDX-License-Identifier: Apache-2.0
#include "mask.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "../ascii.hpp"

namespace gantry {
namespace {

// oslo.utils' list; a key that holds one of these, in any case, names a secret.
constexpr std::array<std::string_view, 34> kSecretKeys{"adminpass",
                                                       "admin_pass",
                                                       "password",
                                                       "admin_password",
                                                       "auth_token",
                                                       "new_pass",
                                                       "auth_password",
                                                       "secret_uuid",
                                                       "secret",
                                                       "sys_pswd",
                                                       "token",
                                                       "configdrive",
                                                       "chappassword",
                                                       "encrypted_key",
                                                       "private_key",
                                                       "fernetkey",
                                                       "sslkey",
                                                       "passphrase",
                                                       "cephclusterfsid",
                                                       "octaviaheartbeatkey",
                                                       "rabbitcookie",
                                                       "cephmanilaclientkey",
                                                       "pacemakerremoteauthkey",
                                                       "designaterndckey",
                                                       "cephadminkey",
                                                       "heatauthencryptionkey",
                                                       "cephclientkey",
                                                       "keystonecredential",
                                                       "barbicansimplecryptokek",
                                                       "cephrgwkey",
                                                       "swifthashsuffix",
                                                       "migrationsshkey",
                                                       "cephmdskey",
                                                       "cephmonkey"};

bool names_a_secret(std::string_view key) {
  const auto text = lower(std::string(key));
  return std::ranges::any_of(
      kSecretKeys, [&](std::string_view secret) { return text.find(secret) != text.npos; });
}

const re2::RE2& written_out() {
  static const re2::RE2* const leaked = [] {
    std::string keys;
    for (const auto key : kSecretKeys) keys += (keys.empty() ? "" : "|") + std::string(key);
    return new re2::RE2("(?i)((?:" + keys + R"()["']?\s*[=:]\s*["']?)[^\s"',;&]+)");
  }();
  return *leaked;
}

Value masked_text(std::string_view text) {
  std::string out(text);
  re2::RE2::GlobalReplace(&out, written_out(), R"(\1***)");
  return Value(out);
}

}  // namespace

Value masked(const Value& value) {
  if (value.is_string()) return masked_text(value.get_string());
  if (const auto* const array = value.if_array()) {
    Array out;
    for (const auto& element : *array) out.push_back(masked(element));
    return out;
  }
  const auto* const object = value.if_object();
  if (object == nullptr) return value;
  Object out;
  for (const auto& [key, member] : *object) {
    out.emplace(key, names_a_secret(key) ? Value("***") : masked(member));
  }
  return out;
}

}  // namespace gantry
