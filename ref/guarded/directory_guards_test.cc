// SPDX-License-Identifier: Apache-2.0
// Witnesses of the guards of the directory.
#include "witness.h"

namespace solo::testing {

namespace {

// The directory at `path` is refused.
bool refuses(Scene& scene, const std::string& path) {
  return !StateDir::open(scene.sys(), path, StateDir::IfMissing::kFail).ok();
}

}  // namespace

bool absolute_path(Scene& scene) {
  return refuses(scene, scene.temp.path() + "/../" + scene.temp.path().substr(1) + "/s") &&
         refuses(scene, scene.temp.path() + "/./s");
}

bool no_symlink(Scene& scene) {
  const std::string link = scene.temp.path() + "/link";
  EXPECT_EQ(::symlink(scene.temp.state().c_str(), link.c_str()), 0);
  return refuses(scene, link);
}

bool trusted_parent(Scene& scene) {
  EXPECT_EQ(::chmod(scene.temp.path().c_str(), 0777), 0);
  return refuses(scene, scene.temp.state());
}

bool own_directory(Scene& scene) {
  GivenAway given(scene.temp.state());
  return scene.over(given, [&](port::Sys& sys) {
    return !StateDir::open(sys, scene.temp.state(), StateDir::IfMissing::kFail).ok();
  });
}

bool private_directory(Scene& scene) {
  EXPECT_EQ(::chmod(scene.temp.state().c_str(), 0770), 0);
  return refuses(scene, scene.temp.state());
}

namespace {

class NetworkSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  int fstatfs(int, struct statfs* out) override {
    *out = {};
    out->f_type = 0x6969;
    return 0;
  }
};

}  // namespace

bool local_file_system(Scene& scene) {
  NetworkSys network(port::linux_sys());
  return scene.over(network, [&](port::Sys& sys) { return is_error(claim_in(sys, scene.temp)); });
}

}  // namespace solo::testing
