// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "gantry/export.hpp"

namespace gantry {

// The document types. They are Boost.JSON's, so conversions, described structs and allocators come
// with them; text is turned into a Value by simdjson and back by JsonWriter (see json.hpp for why).
using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

}  // namespace gantry
