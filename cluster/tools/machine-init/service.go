package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

const (
	firstDelay   = 200 * time.Millisecond // before the first restart; doubles with each one that follows
	longestDelay = 10 * time.Second
	steadyAfter  = 20 * time.Second // a service that ran so long starts anew with the first delay
	killAfter    = 10 * time.Second // between SIGTERM and SIGKILL for one service
	stopAllLimit = 4 * time.Second  // the same when the whole machine stops
)

// service is one supervised process. wanted is the content of its file, empty when it is to be stopped.
type service struct {
	wanted  string
	current string
	pid     int
	started time.Time
	delay   time.Duration
	due     time.Time // when it may start again
	killAt  time.Time // when a stop turns into SIGKILL
}

func (s *service) want(content string) {
	if content != s.wanted {
		s.delay, s.due = 0, time.Time{}
	}
	s.wanted = content
}

func (s *service) done() bool { return s.wanted == "" && s.pid == 0 }

// advance does what is due now and says when something is due next (zero: nothing).
func (s *service) advance(now time.Time, spawn func() (int, error)) time.Time {
	if s.pid > 0 {
		return s.stopIfChanged(now)
	}
	if s.wanted == "" {
		return time.Time{}
	}
	if now.Before(s.due) {
		return s.due
	}
	pid, err := spawn()
	if err != nil {
		fmt.Fprintln(os.Stderr, stamp(), "cannot start a service:", err)
		s.backOff(now)
		return s.due
	}
	s.pid, s.started, s.current = pid, now, s.wanted
	return time.Time{}
}

func (s *service) stopIfChanged(now time.Time) time.Time {
	if s.wanted == s.current {
		return time.Time{}
	}
	switch {
	case s.killAt.IsZero():
		_ = syscall.Kill(s.pid, syscall.SIGTERM)
		s.killAt = now.Add(killAfter)
	case !now.Before(s.killAt):
		_ = syscall.Kill(s.pid, syscall.SIGKILL)
		s.killAt = now.Add(killAfter)
	}
	return s.killAt
}

func (s *service) ended(now time.Time) {
	s.pid, s.killAt = 0, time.Time{}
	if s.wanted != s.current {
		s.delay, s.due = 0, now
		return
	}
	if now.Sub(s.started) >= steadyAfter {
		s.delay = 0
	}
	s.backOff(now)
}

func (s *service) backOff(now time.Time) {
	s.delay = min(max(2*s.delay, firstDelay), longestDelay)
	s.due = now.Add(s.delay)
}
