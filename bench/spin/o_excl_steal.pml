/* classic/o_excl_steal, one d_step a system call: the peer of `bench/search_states`. N contenders, K kills. */
#ifndef N
#define N 3
#endif
#ifndef K
#define K 2
#endif
#define INODES 6

byte name = 0;           /* 1 + the inode that "lock" names; 0: there is none */
byte content[INODES];    /* 1 + the pid that was written; 0: empty */
byte opens[INODES];      /* descriptors */
byte fd[N];              /* 1 + inode; 0: none */
bool begun[N];
bool alive[N];
bool exists[N];          /* until it is reaped */
byte seen[N];            /* what it read */
byte kills = K;

inline close_fd(p) {
  if :: fd[p] > 0 ->
        opens[fd[p] - 1]--;
        if :: opens[fd[p] - 1] == 0 && name != fd[p] -> content[fd[p] - 1] = 0 :: else fi;
        fd[p] = 0
     :: else
  fi
}

inline create(p) {       /* open(O_CREAT | O_EXCL); fd[p] is 0 when it failed */
  if :: name == 0 ->
        i = 0;
        do :: i < INODES && opens[i] > 0 -> i++ :: else -> break od;
        name = i + 1; content[i] = 0; opens[i] = 1; fd[p] = i + 1; i = 0
     :: else
  fi
}

inline unlink() {
  if :: name > 0 -> if :: opens[name - 1] == 0 -> content[name - 1] = 0 :: else fi; name = 0 :: else fi
}

inline gone(p) { close_fd(p); alive[p] = false; seen[p] = 0 }

proctype contender(byte p) {
  byte i = 0;
  d_step { alive[p]; begun[p] = true; create(p) };
  if :: d_step { alive[p] && fd[p] > 0 -> content[fd[p] - 1] = p + 1 }; goto created
     :: d_step { alive[p] && fd[p] == 0 -> if :: name > 0 -> fd[p] = name; opens[name - 1]++ :: else fi }
  fi;
  if :: d_step { alive[p] && fd[p] > 0 -> seen[p] = content[fd[p] - 1] }
     :: d_step { alive[p] && fd[p] == 0 -> gone(p) }; goto end
  fi;
  d_step { alive[p]; close_fd(p) };
  if :: d_step { alive[p] && seen[p] == 0 -> gone(p) }; goto end
     :: d_step { alive[p] && seen[p] > 0 -> if :: exists[seen[p] - 1] -> seen[p] = 255 :: else -> seen[p] = 0 fi }
  fi;
  if :: d_step { alive[p] && seen[p] == 255 -> gone(p) }; goto end
     :: d_step { alive[p] && seen[p] == 0 -> unlink() }
  fi;
  d_step { alive[p]; create(p) };
  if :: d_step { alive[p] && fd[p] > 0 -> content[fd[p] - 1] = p + 1 }; goto created
     :: d_step { alive[p] && fd[p] == 0 -> gone(p) }; goto end
  fi;
created:
  if :: d_step { alive[p]; close_fd(p) } fi;
  d_step { alive[p] };                /* hold */
  d_step { alive[p]; unlink() };
  d_step { alive[p]; gone(p) };
end: skip
}

active proctype world() {             /* kills, and reaps */
  byte p;
end: do
     :: d_step { kills > 0 && begun[0] && alive[0] -> kills--; p = 0; gone(p); p = 0 }
     :: d_step { kills > 0 && begun[1] && alive[1] -> kills--; p = 1; gone(p); p = 0 }
     :: d_step { kills > 0 && begun[2] && alive[2] -> kills--; p = 2; gone(p); p = 0 }
#if N > 3
     :: d_step { kills > 0 && begun[3] && alive[3] -> kills--; p = 3; gone(p); p = 0 }
     :: d_step { !alive[3] && exists[3] -> exists[3] = false }
#endif
     :: d_step { begun[0] && !alive[0] && exists[0] -> exists[0] = false }
     :: d_step { begun[1] && !alive[1] && exists[1] -> exists[1] = false }
     :: d_step { begun[2] && !alive[2] && exists[2] -> exists[2] = false }
     od
}

init {
  atomic {
    alive[0] = true; exists[0] = true; alive[1] = true; exists[1] = true; alive[2] = true; exists[2] = true;
    run contender(0); run contender(1); run contender(2);
#if N > 3
    alive[3] = true; exists[3] = true; run contender(3);
#endif
  }
}
