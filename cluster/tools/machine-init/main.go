// machine-init turns a network namespace into a machine of the local cluster and is that machine's first process.
//
//	machine-init start DIR SETUP   makes mount, PID, UTS and IPC namespaces (in the network namespace it is called in),
//	                               runs SETUP in them, and returns when the machine is ready for services
//	machine-init run DIR SETUP     what start runs inside: reaps, and supervises the services of DIR/services
//
// DIR/pid holds the machine's process id and its start time, so that a reused id is never taken for it.
// The log of service S of machine M is written to $LOGS/S-M.log.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The name that the first process of each machine shows in /proc/PID/cmdline.
const processName = "kubevirt-local-machine"

// How long SETUP may take before start gives up.
const setupLimit = 60 * time.Second

func main() {
	if len(os.Args) != 4 {
		fail("usage: machine-init start|run DIR SETUP")
	}
	verb, dir, setup := os.Args[1], os.Args[2], os.Args[3]
	var err error
	switch verb {
	case "start":
		err = start(dir, setup)
	case "run":
		err = run(dir, setup, os.NewFile(3, "ready"))
	default:
		err = fmt.Errorf("unknown verb %q: start or run", verb)
	}
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "machine-init: "+message)
	os.Exit(1)
}

func start(dir, setup string) error {
	name := filepath.Base(dir)
	log, err := openLog(logPath("machine", name))
	if err != nil {
		return err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	command := exec.Command("/proc/self/exe", "run", dir, setup)
	command.Args[0] = processName
	command.Dir = "/"
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{writer}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Setsid:     true,
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot make the namespaces of %s: %w", name, err)
	}
	writer.Close()
	if err := writePid(dir, command.Process.Pid); err != nil {
		_ = command.Process.Kill()
		return err
	}
	if err := reader.SetReadDeadline(time.Now().Add(setupLimit)); err != nil {
		return err
	}
	said, err := io.ReadAll(reader)
	if strings.TrimSpace(string(said)) == "ready" {
		return nil
	}
	_ = command.Process.Kill()
	_, _ = command.Process.Wait()
	return fmt.Errorf("machine %s did not start (%v); see %s", name, err, log.Name())
}

// writePid records the process and its start time (field 22 of /proc/PID/stat, clock ticks since boot).
func writePid(dir string, pid int) error {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return err
	}
	// The command name in field 2 may hold blanks; fields are counted from behind its closing parenthesis.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return fmt.Errorf("/proc/%d/stat has %d fields behind the name, 20 are needed", pid, len(fields))
	}
	return os.WriteFile(filepath.Join(dir, "pid"), fmt.Appendf(nil, "%d %s\n", pid, fields[19]), 0o644)
}

func run(dir, setup string, ready *os.File) error {
	command := exec.Command("/bin/bash", setup, dir)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", setup, err)
	}
	supervisor, err := newSupervisor(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(ready, "ready")
	ready.Close()
	return supervisor.loop()
}

func logPath(service, machine string) string {
	return filepath.Join(os.Getenv("LOGS"), service+"-"+machine+".log")
}

func openLog(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_CLOEXEC, 0o644)
}
