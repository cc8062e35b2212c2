package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// devices keeps the files of FOLDER and their loop devices.
type devices struct {
	folder string
	mutex  sync.Mutex // one losetup at a time: two would take the same free device
}

// openDevices attaches every file again that lost its loop device.
func openDevices(folder string) (*devices, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	d := &devices{folder: folder}
	images, err := filepath.Glob(filepath.Join(folder, "*.img"))
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		if err := d.attach(strings.TrimSuffix(filepath.Base(image), ".img")); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// create makes a volume of size bytes, rounded up to whole MiB. Repeating it is harmless.
func (d *devices) create(name string, size int64) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	const mebibyte = 1 << 20
	file, err := os.OpenFile(d.image(name), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(file.Truncate((size+mebibyte-1)/mebibyte*mebibyte), file.Close())
	if err != nil {
		return fmt.Errorf("volume %s of %d bytes: %w", name, size, err)
	}
	return d.attach(name)
}

func (d *devices) attach(name string) error {
	// --nooverlap gives back the device that the file has already.
	output, err := exec.Command("losetup", "--nooverlap", "--find", "--show", d.image(name)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("losetup for %s: %w: %s", d.image(name), err, output)
	}
	device := strings.TrimSpace(string(output))
	var status syscall.Stat_t
	if err := syscall.Stat(device, &status); err != nil {
		return fmt.Errorf("%s: %w", device, err)
	}
	// A node that is right stays: by its inode down.sh finds the loop devices that kubelets laid over it.
	var present syscall.Stat_t
	if syscall.Lstat(d.node(name), &present) == nil && present.Mode&syscall.S_IFMT == syscall.S_IFBLK && present.Rdev == status.Rdev {
		return nil
	}
	if err := os.Remove(d.node(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syscall.Mknod(d.node(name), syscall.S_IFBLK|0o660, int(status.Rdev)); err != nil {
		return fmt.Errorf("device node %s: %w", d.node(name), err)
	}
	return nil
}

// remove detaches and deletes a volume. What still has the device open keeps the data until it closes it.
func (d *devices) remove(name string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if _, err := os.Stat(d.image(name)); err == nil {
		output, err := exec.Command("losetup", "--noheadings", "--output", "NAME", "--associated", d.image(name)).Output()
		if err != nil {
			return fmt.Errorf("losetup for %s: %w", d.image(name), err)
		}
		for _, device := range strings.Fields(string(output)) {
			if output, err := exec.Command("losetup", "--detach", device).CombinedOutput(); err != nil {
				return fmt.Errorf("losetup --detach %s: %w: %s", device, err, output)
			}
		}
	}
	for _, path := range []string{d.node(name), d.image(name)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d *devices) image(name string) string { return filepath.Join(d.folder, name+".img") }
func (d *devices) node(name string) string  { return filepath.Join(d.folder, name) }
