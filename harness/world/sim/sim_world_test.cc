// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_world.h"

#include "world/contract.h"

namespace lockproof {

template <>
struct Maker<sim::SimWorld> {
  static std::unique_ptr<World> make() { return std::make_unique<sim::SimWorld>(); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, WorldContract, sim::SimWorld);

}  // namespace lockproof
