// Command init is process 1 of every guest: it makes the file system that the guest works on, loads modules, and runs
// what the host asks for (requests.go). It is one static program and no script, because starting a program costs a
// User-Mode Linux some 50 ms.
//
// It is told by words on the kernel's command line, of which the kernel makes its environment:
//
//	host=9p             it is an emulated machine: the host's files are to be mounted first (machine.go)
//	folder=PATH         the folder of the host that host and guest share
//	scratch=LIST        folders, beside the usual ones, that are to be empty and the guest's own; with commas between them
//	visible=LIST        folders of the host to be seen even where scratch would hide them
//	module_folder=PATH  the folder of the host that has the kernel's modules, in one by the name of its release
//	modules=LIST        modules to load
//	sealed=yes          load no module after that
//	request=NAME        run the request in the folder NAME of the shared folder, and turn the guest off
//	start=PATH          run this program, and requests whenever the host rings
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Println("init:", err)
	}
	powerOff()
}

func run() error {
	shared := os.Getenv("folder")
	if os.Getenv("host") == "9p" {
		if err := enterHost(); err != nil {
			return err
		}
	}
	if err := makeFileSystem(list("scratch")); err != nil {
		return err
	}
	for _, path := range append(list("visible"), os.Getenv("module_folder")) {
		if err := mountFromHost(path, syscall.MS_RDONLY); err != nil {
			return err
		}
	}
	if err := mountFromHost(shared, 0); err != nil {
		return err
	}
	silenceConsole()
	if err := raiseLoopback(); err != nil {
		return err
	}
	children := reapChildren()
	if err := loadModules(children, os.Getenv("module_folder"), list("modules")); err != nil {
		return err
	}
	if os.Getenv("sealed") == "yes" {
		if err := writeFile("/proc/sys/kernel/modules_disabled", "1"); err != nil {
			return err
		}
	}
	if name := os.Getenv("request"); name != "" {
		return runOnly(children, filepath.Join(shared, name))
	}
	return serve(children, os.Getenv("start"), shared)
}

// list is a word of the kernel's command line that holds several.
func list(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' })
}

// runOnly runs the only request of a guest, which may write to the folder that it runs in.
func runOnly(children *children, folder string) error {
	request, err := readRequest(folder)
	if err != nil {
		return err
	}
	if err := mountFromHost(request.directory, 0); err != nil {
		return err
	}
	code, err := request.run(children, nil)
	if err != nil {
		return err
	}
	syscall.Sync() // what was written through a mapping reaches the host's file before the answer does
	return request.answer(code)
}

// silenceConsole keeps all but emergencies off the console. (The level is passed as the length of the buffer.)
func silenceConsole() {
	const setConsoleLevel = 8
	syscall.Klogctl(setConsoleLevel, make([]byte, 1))
}

func powerOff() {
	syscall.Sync()
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

func writeFile(path, content string) error {
	return os.WriteFile(path, []byte(content+"\n"), 0o644)
}
