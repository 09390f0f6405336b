// SPDX-License-Identifier: Apache-2.0
#include "opening.hpp"

#include <dlfcn.h>

#include <gantry/gantry.hpp>
#include <stdexcept>

namespace bench {

void load_driver(const Task& task) {
  const Stretch stretch;
  gantry::DriverManager drivers;
  const gantry::Transport bus = drivers.open(task.url);
  stretch.print(1);
}

void load_library(const Task& task) {
  const Stretch stretch;
  if (dlopen(task.url.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr)
    throw std::runtime_error(dlerror());
  stretch.print(1);
}

}  // namespace bench
