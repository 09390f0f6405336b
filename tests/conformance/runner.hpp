// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "case.hpp"
#include "lab.hpp"
#include "report.hpp"

namespace gantry::conformance {

struct Selected {
  std::string_view theme;
  const Case* what;

  std::string full_name() const;  // "fanout: DRV_4 a fanout reaches each server once"
};

// The cases whose full name fits the glob; all of them for an empty one.
std::vector<Selected> select(const std::string& glob);

// Runs the cases one after the other and reports each; those for drivers without a feature only
// where it is missing. A case that does not end is a failure that ends the run: `hung` gets the
// results and does not return.
std::vector<Result> run(std::vector<Selected> cases, const Setup& setup, const Features& features,
                        Tap& tap, const std::function<void(const std::vector<Result>&)>& hung);

}  // namespace gantry::conformance
