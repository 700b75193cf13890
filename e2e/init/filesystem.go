package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Where the guest may write. Its root is the host's own, read-only.
var scratch = []string{"/run", "/tmp", "/var/tmp", "/var/log", "/var/lib", "/dev/shm"}

var deviceLinks = map[string]string{
	"/dev/fd":     "/proc/self/fd",
	"/dev/stdin":  "/proc/self/fd/0",
	"/dev/stdout": "/proc/self/fd/1",
	"/dev/stderr": "/proc/self/fd/2",
}

// makeFileSystem mounts what a Linux needs beside its root, and the folder that is shared with the host. (The kernel has
// mounted /dev.)
func makeFileSystem(shared string) error {
	kernelFileSystems := []struct{ kind, path string }{
		{"proc", "/proc"}, {"sysfs", "/sys"}, {"cgroup2", "/sys/fs/cgroup"}, {"devpts", "/dev/pts"},
	}
	for _, fs := range kernelFileSystems {
		if err := mount(fs.kind, fs.kind, fs.path, ""); err != nil {
			return err
		}
	}
	for _, path := range scratch {
		if err := mount("tmpfs", "tmpfs", path, ""); err != nil {
			return err
		}
	}
	for link, target := range deviceLinks {
		if err := os.Symlink(target, link); err != nil {
			return err
		}
	}
	// Else the kernel forks a helper for every network interface that comes or goes.
	if err := writeFile("/sys/kernel/uevent_helper", ""); err != nil {
		return err
	}
	return mountFromHost(shared)
}

// mountFromHost makes a folder of the host writable, at its own path.
func mountFromHost(path string) error {
	return mount("host", "hostfs", path, path)
}

func mount(source, kind, path, options string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	if err := syscall.Mount(source, path, kind, 0, options); err != nil {
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
