// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace gantry::test {

// A golden vector (tests/vectors/README.md) by its path there.
inline boost::json::value vector_file(const std::string& name) {
  std::ifstream file(std::string(GANTRY_VECTORS) + '/' + name);
  if (!file) throw std::runtime_error("no vector file " + name);
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace gantry::test
