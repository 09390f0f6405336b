// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "reader.hpp"

namespace gantry {

// An option's value as one text, the way the URL's query would have it: a list becomes "a,b", a map
// "k:v,l:w". Nothing where that failed; the reader knows why.
std::optional<Interpolated> option_text(Reader& reader, const Cursor& value);

}  // namespace gantry
