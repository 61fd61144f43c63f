// SPDX-License-Identifier: Apache-2.0
// The nursery's side of nursery.h: what runs as init in the namespaces.
#pragma once

#include <sys/types.h>

#include "live/shared_page.h"
#include "world/world.h"

namespace lockproof::live {

// Sets the namespaces up, reports, and does orders until the other end is closed. uid, gid: of the
// caller, outside.
[[noreturn]] void serve_births(const Start& start, const SharedPage& page, int channel, uid_t uid,
                               gid_t gid);

}  // namespace lockproof::live
