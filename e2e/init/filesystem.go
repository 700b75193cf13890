package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Where every guest may write. Its root is the host's own, read-only.
var scratch = []string{"/run", "/tmp", "/var/tmp", "/dev/shm"}

var deviceLinks = map[string]string{
	"/dev/fd":     "/proc/self/fd",
	"/dev/stdin":  "/proc/self/fd/0",
	"/dev/stdout": "/proc/self/fd/1",
	"/dev/stderr": "/proc/self/fd/2",
}

// makeFileSystem mounts what a Linux needs beside its root, and a tmpfs wherever the guest may write. (The kernel has
// mounted /dev.)
func makeFileSystem(moreScratch []string) error {
	kernelFileSystems := []struct{ kind, path string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"cgroup2", "/sys/fs/cgroup"}, {"devpts", "/dev/pts"},
	}
	for _, fs := range kernelFileSystems {
		if err := mount(fs.kind, fs.path, 0, ""); err != nil {
			return err
		}
	}
	for _, path := range append(scratch, moreScratch...) {
		if err := mount("tmpfs", path, 0, ""); err != nil {
			return err
		}
	}
	for link, target := range deviceLinks {
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	// Else a User-Mode Linux forks a helper for every network interface that comes or goes.
	if err := writeFile("/sys/kernel/uevent_helper", ""); err != nil && !os.IsNotExist(err) && !os.IsPermission(err) {
		return err
	}
	return nil
}

// mountFromHost mounts a folder of the host at its own path.
func mountFromHost(path string, flags uintptr) error {
	if hostFiles >= 0 {
		return bindFromHost(path, flags)
	}
	return mount("hostfs", path, flags, path)
}

func mount(kind, path string, flags uintptr, options string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount(kind, path, kind, flags, options); err != nil {
		return fmt.Errorf("mount %s on %s: %w", kind, path, err)
	}
	return nil
}

// writeProgram writes a shell script.
func writeProgram(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte("#!/bin/sh\n"+content+"\n"), 0o755)
}
