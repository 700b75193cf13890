package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	bell   = "/dev/ttyS0"
	groups = "/sys/fs/cgroup"
)

// serve runs the program start for good, and beside it the requests that the host rings for: "run NAME" on the serial
// line runs the request in the folder NAME of the shared folder, "end NAME" ends it.
func serve(children *children, start, shared string) error {
	_, err := children.start([]string{start}, &syscall.ProcAttr{
		Dir:   "/",
		Env:   append(os.Environ(), "PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", start, err)
	}
	line, err := os.OpenFile(bell, os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	rings := bufio.NewScanner(line)
	for rings.Scan() {
		verb, name, _ := strings.Cut(rings.Text(), " ")
		group := filepath.Join(groups, "request-"+filepath.Base(name))
		switch verb {
		case "run":
			go func() {
				if err := serveRequest(children, filepath.Join(shared, name), group); err != nil {
					fmt.Printf("init: request %s: %v\n", name, err)
				}
			}()
		case "end":
			go endGroup(group)
		}
	}
	return rings.Err()
}

func serveRequest(children *children, folder, path string) error {
	request, err := readRequest(folder)
	if err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	defer os.Remove(path) // stays while the command has left something running
	group, err := os.Open(path)
	if err != nil {
		return err
	}
	defer group.Close()
	code, err := request.run(children, group)
	if err != nil {
		return err
	}
	return request.answer(code)
}

// endGroup asks the processes of a control group to end, and two seconds later kills what is left.
func endGroup(path string) {
	processes, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
	if err != nil {
		return // it has ended by itself
	}
	for word := range strings.FieldsSeq(string(processes)) {
		if pid, err := strconv.Atoi(word); err == nil {
			syscall.Kill(pid, syscall.SIGTERM)
		}
	}
	time.Sleep(2 * time.Second)
	os.WriteFile(filepath.Join(path, "cgroup.kill"), []byte("1"), 0)
	time.Sleep(100 * time.Millisecond)
	os.Remove(path)
}
