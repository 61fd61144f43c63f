// SPDX-License-Identifier: Apache-2.0
// Checkpoints and files of shards: as they are, and with a good seal, so that what lies behind it
// is read, too. Refused by an error, or a search goes on from it to its end.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/sealed_file.h"
#include "explore/graph_space.h"
#include "explore/search.h"

namespace {

using namespace lockproof;

// A folder of this process, from its first input to its end.
class Folder {
 public:
  Folder() {
    if (::mkdtemp(name_.data()) == nullptr) std::abort();
    if (::mkdir((name_ + "/0").c_str(), 0700) != 0) std::abort();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(name_); }

  const std::string& name() const { return name_; }

 private:
  std::string name_ = "/dev/shm/lockproof-fuzz.XXXXXX";
};

const std::string& folder() {
  static const Folder made;
  return made.name();
}

void put(const std::string& file, std::string_view kind, std::string_view bytes, bool sealed) {
  if (sealed) {
    SealedWriter out(file, kind);
    out.write(bytes);
    if (!out.close().ok()) std::abort();
    return;
  }
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    std::abort();
  ::close(fd);
}

test::GraphSpace ring() {
  test::GraphSpace space;
  for (std::uint32_t node = 0; node < 20; ++node) {
    space.edge(node, (node + 1) % 20, test::call_of(0)).at(node, {.present = 1, .claiming = 1});
  }
  return space;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool sealed = (data[0] & 1) != 0;
  test::GraphSpace space = ring();
  const std::vector<const Claim*> claims = {find_claim("one_owner"), find_claim("no_livelock")};
  ShardPlace place;
  place.folder = folder();
  switch (data[0] >> 1 & 3) {
    case 0: {
      put(folder() + "/c", "checkpoint", bytes, sealed);
      const SearchLimits limits{.states = 1000};
      (void)search(space, claims, limits, nullptr,
                   {.checkpoint = CheckpointPlan{"", folder() + "/c", "it"}});
      break;
    }
    case 1:
      put(round_file(place, 0, 0), "shard-round", bytes, sealed);
      (void)read_round(place, 0, 0, 0, space);
      break;
    case 2:
      put(round_file(place, 0, 0) + ".seen", "shard-states", bytes, sealed);
      (void)read_seen(place, 0, 0);
      break;
    default:
      put(round_file(place, 0, 0), "shard-round", bytes, sealed);
      (void)merge_shards(space, claims, place);
  }
  return 0;
}
