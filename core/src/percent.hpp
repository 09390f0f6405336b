// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gantry {

// What "+" stands for: a blank in a query, itself elsewhere.
enum class Plus { is_plus, is_blank };

// Undoes %xx; a malformed escape stays as it is (URL-19).
std::string percent_decode(std::string_view text, Plus plus);

// Escapes all but letters, digits, "_.-~" and the characters of `kept`.
std::string percent_encode(std::string_view text, std::string_view kept = {});

}  // namespace gantry
