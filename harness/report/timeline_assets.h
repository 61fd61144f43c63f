// SPDX-License-Identifier: Apache-2.0
// timeline.css and timeline.js as they are in the source tree, put into the program when it is
// built.
#pragma once

namespace lockproof {

extern const char* const kTimelineStyle;
extern const char* const kTimelineScript;
// SHA-256 of the script, in hexadecimal.
extern const char* const kTimelineScriptHash;

}  // namespace lockproof
