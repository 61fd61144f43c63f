# SPDX-License-Identifier: Apache-2.0
# One attempt at a lock of a perl module, as a worker tells of it: acquired or busy, released at the end of its input.
#
# usage: perl_locks.pl KIND FILE [--rest PROGRAM]   KIND: a key below; --rest: the owner starts a program that outlives it
#        perl_locks.pl KIND FILE --run PROGRAM      as a wrapper: the lock is held while PROGRAM runs
#        perl_locks.pl KIND FILE --status           asks only
use strict;
use warnings;
$| = 1;

my ($kind, $path, $what, $program) = @ARGV;
my ($dir, $name) = $path =~ m{^(.*)/([^/]*)$};

# Each gives what gives the lock up, or nothing: another one owns.
my %attempt = (
  proc_pid_file => sub {    # as its synopsis does; the file is removed when the object is
    require Proc::PID::File;
    return if Proc::PID::File->running({dir => $dir, name => $name});
    return sub { };
  },
  file_pid => sub {         # "Already running", as its manual asks; then the file is written
    require File::Pid;
    my $file = File::Pid->new({file => $path, pid => $$});
    return if $file->running;
    $file->write or die "write: $!";
    return sub { $file->remove };
  },
  lockfile_simple => sub {
    require LockFile::Simple;
    my $manager = LockFile::Simple->make(-max => 1, -delay => 1, -nfs => 0, -stale => 1, -warn => 0, -wfunc => undef, -efunc => undef);
    my $lock = $manager->trylock($path) or return;
    return sub { $lock->release };
  },
  file_nfslock => sub {
    require File::NFSLock;
    require Fcntl;
    srand $$;    # the name of its own file: another one in each process, the same in each run
    my $lock = File::NFSLock->new($path, Fcntl::LOCK_EX() | Fcntl::LOCK_NB()) or return;
    return sub { $lock->unlock };
  },
  file_flock => sub {
    require File::Flock;
    File::Flock::lock($path, undef, 'nonblocking') or return;
    return sub { File::Flock::unlock($path) };
  },
);

if (($what // '') eq '--status') {
  if ($kind eq 'file_pid') { require File::Pid; exit(File::Pid->new({file => $path})->running ? 0 : 1) }
  require Proc::PID::File;
  exit(Proc::PID::File->new(dir => $dir, name => $name)->alive ? 0 : 1);
}
my $release = $attempt{$kind}->();
if (!$release) {
  print "busy\n";
  exit(($what // '') eq '--run' ? 1 : 0);
}
if (defined $what) {
  my $child = fork // die "fork: $!";
  if (!$child) { exec $program; die "exec: $!" }
  if ($what eq '--run') { waitpid $child, 0; $release->(); exit 0 }
}
print "acquired\n";
1 while sysread STDIN, my $rest, 64;
$release->();
print "released\n";
