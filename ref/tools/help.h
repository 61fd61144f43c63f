// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace solo::tool {

extern const char* const kHelp;

}  // namespace solo::tool
