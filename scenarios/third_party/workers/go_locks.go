// SPDX-License-Identifier: Apache-2.0
// One attempt at a lock of a Go package, as a worker tells of it: acquired or busy, released at the end of its input.
//
// usage: go_locks gofrs|nightlyone FILE [--rest PROGRAM]
package main

import (
	"fmt"
	"io"
	"io/ioutil"
	"os"
	"os/exec"

	"github.com/gofrs/flock"
	"github.com/nightlyone/lockfile"
)

func attempt(kind, path string) (release func() error, busy bool) {
	if kind == "gofrs" {
		lock := flock.New(path)
		got, err := lock.TryLock()
		check(err)
		return lock.Unlock, !got
	}
	lock, err := lockfile.New(path)
	check(err)
	err = lock.TryLock()
	if err == lockfile.ErrBusy || err == lockfile.ErrNotExist {
		return nil, true
	}
	check(err)
	return lock.Unlock, false
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() {
	release, busy := attempt(os.Args[1], os.Args[2])
	if busy {
		fmt.Println("busy")
		return
	}
	if len(os.Args) > 4 {
		check(exec.Command(os.Args[4]).Start())
	}
	fmt.Println("acquired")
	io.Copy(ioutil.Discard, os.Stdin)
	check(release())
	fmt.Println("released")
}
