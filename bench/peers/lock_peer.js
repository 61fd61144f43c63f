// SPDX-License-Identifier: Apache-2.0
// npm's proper-lockfile, timed: `lock_peer.js MODULES MODE DIR [COUNT]`. The modes are those of lock_peer.cc.
'use strict';
const fs = require('fs');
const path = require('path');
const [modules, mode, folder, count] = process.argv.slice(2);
const library = require(path.join(modules, 'proper-lockfile'));
const file = path.join(folder, 'lock');
const now = () => process.hrtime.bigint();
const say = (...words) => fs.writeSync(1, words.join(' ') + '\n');
const nap = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const options = { realpath: false, stale: 2000 }; // the least that it takes

function claim() {
  try {
    return library.lockSync(file, options);
  } catch (error) {
    if (error.code === 'ELOCKED' || error.code === 'ENOENT') return null;
    throw error;
  }
}

function untilOwned() {
  for (;;) {
    const release = claim();
    if (release) return release;
  }
}

if (mode === 'hold') {
  claim();
  say('held');
  setInterval(() => {}, 60000);
} else if (mode === 'until') {
  say('ready');
  const release = untilOwned();
  say(now());
  release();
}
for (let i = 0; i < Number(count || 0); ++i) {
  const begin = now();
  if (mode === 'probe') {
    if (!library.checkSync(file, options)) throw new Error('not held');
    say(now() - begin);
  } else if (mode === 'life') {
    claim()();
    say(now() - begin);
  } else {
    const release = untilOwned();
    const owned = now();
    nap(0.3);
    const givesUp = now();
    release();
    say(owned, givesUp);
    nap(2);
  }
}
