package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The supervisor runs one process per file of DIR/services and keeps DIR/run/NAME.pid, the process id as the
// machine sees it. A new file starts a service, a changed one restarts it, a removed one stops it.
// One goroutine does everything, so a child cannot be reaped before it is known.
type supervisor struct {
	machine  string
	services string
	pids     string
	running  map[string]*service
	wake     chan struct{}
}

func newSupervisor(dir string) (*supervisor, error) {
	s := &supervisor{
		machine:  filepath.Base(dir),
		services: filepath.Join(dir, "services"),
		pids:     filepath.Join(dir, "run"),
		running:  map[string]*service{},
		wake:     make(chan struct{}, 1),
	}
	for _, d := range []string{s.services, s.pids} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *supervisor) loop() error {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGTERM, syscall.SIGINT)
	changed, err := watch(s.services)
	if err != nil {
		return err
	}
	logs := time.NewTicker(logCheckEvery)
	s.scan()
	for {
		select {
		case <-changed:
			s.scan()
		case <-s.wake:
		case <-logs.C:
			for name := range s.running {
				rotate(logPath(name, s.machine))
			}
		case signal := <-signals:
			if signal != syscall.SIGCHLD {
				s.stopAll()
				return nil
			}
			s.reap()
		}
		s.advance()
	}
}

// scan compares the folder with what runs.
func (s *supervisor) scan() {
	entries, err := os.ReadDir(s.services)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot list the services:", err)
		return
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(s.services, name))
		if err != nil {
			continue
		}
		seen[name] = true
		known := s.running[name]
		if known == nil {
			known = &service{}
			s.running[name] = known
		}
		known.want(string(content))
	}
	for name, known := range s.running {
		if !seen[name] {
			known.want("")
		}
	}
}

// advance starts and stops what is due, and arranges to be woken when the next thing is.
func (s *supervisor) advance() {
	now := time.Now()
	var next time.Time
	for name, known := range s.running {
		due := known.advance(now, func() (int, error) { return s.spawn(name) })
		if known.done() {
			delete(s.running, name)
			_ = os.Remove(filepath.Join(s.pids, name+".pid"))
			continue
		}
		if !due.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	if !next.IsZero() {
		time.AfterFunc(time.Until(next), func() {
			select {
			case s.wake <- struct{}{}:
			default:
			}
		})
	}
}

func (s *supervisor) spawn(name string) (int, error) {
	log, err := openLog(logPath(name, s.machine))
	if err != nil {
		return 0, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	pid, err := syscall.ForkExec("/bin/sh", []string{"sh", filepath.Join(s.services, name)}, &syscall.ProcAttr{
		Dir:   "/",
		Env:   os.Environ(),
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "%s started %s, process %d\n", stamp(), name, pid)
	return pid, os.WriteFile(filepath.Join(s.pids, name+".pid"), fmt.Appendf(nil, "%d\n", pid), 0o644)
}

// reap collects every child that ended: the services, and whatever a container runtime orphaned.
func (s *supervisor) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		for name, known := range s.running {
			if known.pid == pid {
				fmt.Fprintf(os.Stderr, "%s %s ended: exit code %d, signal %d\n", stamp(), name, status.ExitStatus(), status.Signal())
				known.ended(time.Now())
			}
		}
	}
}

// stopAll ends the services; what is left then dies with this process, the first of its PID namespace.
func (s *supervisor) stopAll() {
	for _, known := range s.running {
		if known.pid > 0 {
			_ = syscall.Kill(known.pid, syscall.SIGTERM)
		}
	}
	for deadline := time.Now().Add(stopAllLimit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		s.reap()
		alive := false
		for _, known := range s.running {
			alive = alive || known.pid > 0
		}
		if !alive {
			return
		}
	}
}

func stamp() string { return time.Now().UTC().Format("15:04:05.000") }
