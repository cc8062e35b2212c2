package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	logCheckEvery = 20 * time.Second
	logLimit      = 32 << 20 // bytes; the previous part is kept beside it as NAME.log.1
)

// watch tells, without polling, that something in the folder changed. Bursts are one message.
func watch(dir string) (<-chan struct{}, error) {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_MOVED_TO|syscall.IN_DELETE|syscall.IN_CLOSE_WRITE); err != nil {
		return nil, fmt.Errorf("inotify on %s: %w", dir, err)
	}
	changed := make(chan struct{}, 1)
	go func() {
		buffer := make([]byte, 4096)
		for {
			if n, err := syscall.Read(fd, buffer); n <= 0 && err != syscall.EINTR {
				return
			}
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}()
	return changed, nil
}

// rotate copies a log that grew beyond its limit aside and empties it. The writer keeps its descriptor, which
// appends, so nothing but what is written during the copy can be lost.
func rotate(path string) {
	info, err := os.Stat(path)
	if err != nil || info.Size() < logLimit {
		return
	}
	from, err := os.Open(path)
	if err != nil {
		return
	}
	defer from.Close()
	to, err := os.Create(path + ".1")
	if err != nil {
		return
	}
	defer to.Close()
	if _, err := io.Copy(to, from); err == nil {
		_ = os.Truncate(path, 0)
	}
}
