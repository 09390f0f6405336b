# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: strict mode, the project's root as working directory, and the one way
# to build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }

# configure DIR OPTION... : sets a build directory up, or brings the options of an existing one in line.
# Meson uses ccache by itself where it is installed.
configure() {
  local dir=$1
  shift
  if [ -f "$dir/build.ninja" ]; then
    meson setup --reconfigure "$dir" "$@"  # `meson configure` does not know options that are new
  else
    meson setup "$dir" "$@"
  fi
}

# build DIR [TARGET...] : on all cores and no more, since a compiler here takes up to a gigabyte.
build() {
  local dir=$1
  shift
  ninja -C "$dir" -j "$(nproc)" "$@"
}
