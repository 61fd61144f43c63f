// SPDX-License-Identifier: Apache-2.0
#include "explore/search.h"

#include "explore/searching.h"

namespace lockproof {

Result<SearchResult> search(Space& space, const std::vector<const Claim*>& claims,
                            const SearchLimits& limits,
                            const std::function<bool(const SearchProgress&)>& watch,
                            const SearchAids& aids) {
  return searching::Search(space, claims, limits, watch, aids).run();
}

}  // namespace lockproof
