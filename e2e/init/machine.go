package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

// What an emulated machine has of the host: e2e/lib/machine.sh is the other side. A User-Mode Linux has it all by itself.
const (
	startModules = "/modules" // in the archive that the kernel starts from
	readOnlyTag  = "host"
	writableTag  = "writable"
	transport    = "trans=virtio,version=9p2000.L,msize=512000"
)

// hostFiles is the root of the host's files, to be written to; -1 in a User-Mode Linux.
var hostFiles = -1

// enterHost leaves the archive for the host's own files, read-only.
func enterHost() error {
	if err := loadStartModules(); err != nil {
		return err
	}
	const root, writable = "/host", "/writable"
	for _, share := range []struct {
		tag, path, options string
		flags              uintptr
	}{
		{readOnlyTag, root, ",cache=loose", syscall.MS_RDONLY},
		{writableTag, writable, ",cache=mmap", 0},
	} {
		if err := os.Mkdir(share.path, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(share.tag, share.path, "9p", share.flags, transport+share.options); err != nil {
			return fmt.Errorf("mount the files of the host: %w", err)
		}
	}
	var err error
	const openPath = 0x200000 // O_PATH
	if hostFiles, err = syscall.Open(writable, openPath|syscall.O_CLOEXEC, 0); err != nil {
		return err
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	if err := syscall.Mount(".", "/", "", syscall.MS_MOVE, ""); err != nil {
		return err
	}
	if err := syscall.Chroot("."); err != nil {
		return err
	}
	return mount("devtmpfs", "/dev", 0, "")
}

func loadStartModules() error {
	modules, err := os.ReadDir(startModules) // in the order of their names
	if err != nil {
		return err
	}
	for _, module := range modules {
		file, err := os.Open(filepath.Join(startModules, module.Name()))
		if err != nil {
			return err
		}
		const finitModule = 313
		var parameters [1]byte // none: the empty string
		_, _, errno := syscall.Syscall(finitModule, file.Fd(), uintptr(unsafe.Pointer(&parameters)), 0)
		file.Close()
		if errno != 0 && errno != syscall.EEXIST {
			return fmt.Errorf("module %s: %w", module.Name(), errno)
		}
	}
	return nil
}

// bindFromHost mounts a folder of the host at its own path.
func bindFromHost(path string, flags uintptr) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	source := fmt.Sprintf("/proc/self/fd/%d%s", hostFiles, path)
	err := syscall.Mount(source, path, "", syscall.MS_BIND, "")
	if err == nil && flags != 0 {
		err = syscall.Mount("", path, "", syscall.MS_BIND|syscall.MS_REMOUNT|flags, "")
	}
	if err != nil {
		return fmt.Errorf("mount %s of the host: %w", path, err)
	}
	return nil
}
