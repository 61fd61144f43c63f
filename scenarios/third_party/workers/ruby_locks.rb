# SPDX-License-Identifier: Apache-2.0
# One attempt at a lock of ruby, as a worker tells of it: acquired or busy, released at the end of its input.
#
# usage: ruby_locks.rb flock|lockfile|pstore FILE [--rest PROGRAM]
kind, path, _, program = ARGV
$stdout.sync = true

def attempt(kind, path)
  case kind
  when 'flock'
    file = File.open(path, File::RDWR | File::CREAT, 0o644)
    return nil unless file.flock(File::LOCK_EX | File::LOCK_NB)
    -> { file.flock(File::LOCK_UN) }
  when 'lockfile'
    require 'lockfile'
    lock = Lockfile.new(path, retries: 0, refresh: nil)
    begin
      lock.lock
    rescue Lockfile::MaxTriesLockError
      return nil
    end
    -> { lock.unlock }
  end
end

release = attempt(kind, path)
unless release
  puts 'busy'
  exit
end
spawn(program) if program
puts 'acquired'
nil while $stdin.sysread(64) rescue EOFError
release.call
puts 'released'
