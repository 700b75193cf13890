package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unsafe"
)

const (
	modprobe   = "/run/bin/modprobe" // /run/bin comes first in every PATH of the guest
	moduleRoot = "/run/modules"
)

// loadModules loads the named modules and lets the kernel and the guest's programs load more. The modules of the guest's
// kernel are not where modprobe looks for them, so there is a modprobe that knows.
func loadModules(children *children, hostModules string, names []string) error {
	var utsname syscall.Utsname
	if err := syscall.Uname(&utsname); err != nil {
		return err
	}
	release := text(utsname.Release[:])
	folder := filepath.Join(moduleRoot, "lib/modules")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.Symlink(filepath.Join(hostModules, release), filepath.Join(folder, release)); err != nil {
		return err
	}
	if err := writeProgram(modprobe, `exec /sbin/modprobe -d `+moduleRoot+` "$@"`); err != nil {
		return err
	}
	if err := writeFile("/proc/sys/kernel/modprobe", modprobe); err != nil {
		return err
	}
	if err := os.Mkdir("/run/modprobe.d", 0o755); err != nil {
		return err
	}
	// Else these come with a device each.
	if err := writeFile("/run/modprobe.d/e2e.conf", "options dummy numdummies=0\noptions bonding max_bonds=0"); err != nil {
		return err
	}
	if err := makeDevices(filepath.Join(hostModules, release, "modules.devname")); err != nil {
		return err
	}
	names = slices.DeleteFunc(names, isBuiltIn)
	if len(names) == 0 {
		return nil
	}
	command := append([]string{"/sbin/modprobe", "-d", moduleRoot, "-a"}, names...)
	code, err := children.run(command, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
	if err == nil && code != 0 {
		err = fmt.Errorf("%s: exit code %d", strings.Join(command, " "), code)
	}
	return err
}

// makeDevices makes the device files whose modules are only loaded when a program opens them, such as /dev/ppp. The list
// has lines like "ppp_generic ppp c108:0".
func makeDevices(list string) error {
	lines, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(lines)) {
		var module, name string
		var kind rune
		var major, minor int
		if _, err := fmt.Sscanf(line, "%s %s %c%d:%d", &module, &name, &kind, &major, &minor); err != nil || kind != 'c' {
			continue
		}
		path := filepath.Join("/dev", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := syscall.Mknod(path, syscall.S_IFCHR|0o600, major<<8|minor); err != nil && err != syscall.EEXIST {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// isBuiltIn says whether the kernel has a module from its start, as newer ones have IPv6. modprobe does not always know.
func isBuiltIn(module string) bool {
	_, err := os.Stat(filepath.Join("/sys/module", module))
	return err == nil
}

// text is the string in a C array.
func text(array []int8) string {
	bytesOfArray := unsafe.Slice((*byte)(unsafe.Pointer(&array[0])), len(array))
	before, _, _ := bytes.Cut(bytesOfArray, []byte{0})
	return string(before)
}

// raiseLoopback is `ip link set lo up`; see netdevice(7).
func raiseLoopback() error {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP}
	copy(request.name[:], "lo")
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return fmt.Errorf("set lo up: %w", errno)
	}
	return nil
}
