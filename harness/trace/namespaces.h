// SPDX-License-Identifier: Apache-2.0
// Namespaces: the steps by which a process comes to a view of the system of its own.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace lockproof {

// As fork, into new namespaces (CLONE_NEW...). Single-threaded callers only: libc's own
// preparations for fork are not run.
pid_t fork_into(unsigned long namespaces);

// The whole of `text` in one write.
bool write_file(const char* path, std::string_view text);

// Each of these is for the process in the new namespaces, and returns what failed, "" for success;
// errno says why.

// In a new user namespace: who `uid` and `gid` outside are there. The only ones that it knows.
std::string map_ids(uid_t inside_uid, uid_t uid, gid_t inside_gid, gid_t gid);
// In a new mount namespace: nothing that is mounted here is seen outside. Before any other mount.
std::string make_mounts_private();
std::string mount_proc();
// All that is mounted by now; devices can be written to still.
std::string make_mounts_read_only();
// `options` as mount(8) has them for a tmpfs.
std::string mount_tmpfs(const char* where, const char* options);

}  // namespace lockproof
