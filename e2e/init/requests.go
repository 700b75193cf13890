package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A request is a folder in which the host says what to run and the guest answers; e2e/lib/request.sh is the other side.
//
//	command, environment, directory   words, each ended by NUL
//	stdout, stderr                    appended to while the command runs
//	exit-code                         written last
type request struct {
	folder      string
	command     []string
	environment []string
	directory   string
}

func readRequest(folder string) (*request, error) {
	var words [3][]string
	for i, name := range []string{"command", "environment", "directory"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, err
		}
		words[i] = strings.Split(strings.TrimSuffix(string(content), "\x00"), "\x00")
	}
	return &request{folder, words[0], words[1], words[2][0]}, nil
}

// run runs the command to its end, in a session of its own and, where one is given, in a control group.
func (r *request) run(children *children, group *os.File) (int, error) {
	var files []uintptr
	for _, file := range []struct {
		path string
		mode int
	}{
		{os.DevNull, os.O_RDONLY},
		{filepath.Join(r.folder, "stdout"), os.O_WRONLY | os.O_APPEND},
		{filepath.Join(r.folder, "stderr"), os.O_WRONLY | os.O_APPEND},
	} {
		opened, err := os.OpenFile(file.path, file.mode, 0)
		if err != nil {
			return 0, err
		}
		defer opened.Close()
		files = append(files, opened.Fd())
	}
	attributes := &syscall.ProcAttr{
		Dir:   r.directory,
		Env:   r.environment,
		Files: files,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	}
	if group != nil {
		attributes.Sys.UseCgroupFD = true
		attributes.Sys.CgroupFD = int(group.Fd())
	}
	command := append([]string{r.program()}, r.command[1:]...)
	code, err := children.run(command, attributes)
	if err != nil {
		return r.cannotStart(err)
	}
	return code, nil
}

// program finds the command's program in the PATH of the request.
func (r *request) program() string {
	name := r.command[0]
	if strings.Contains(name, "/") {
		return name
	}
	for _, variable := range r.environment {
		path, isPath := strings.CutPrefix(variable, "PATH=")
		if !isPath {
			continue
		}
		for _, folder := range filepath.SplitList(path) {
			candidate := filepath.Join(folder, name)
			if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
				return candidate
			}
		}
	}
	return name
}

// cannotStart answers as a shell does.
func (r *request) cannotStart(cause error) (int, error) {
	message := fmt.Sprintf("%s: %v", r.command[0], cause)
	if err := os.WriteFile(filepath.Join(r.folder, "stderr"), []byte(message+"\n"), 0o644); err != nil {
		return 0, err
	}
	if errors.Is(cause, syscall.ENOENT) {
		return 127, nil
	}
	return 126, nil
}

func (r *request) answer(code int) error {
	return writeFile(filepath.Join(r.folder, "exit-code"), strconv.Itoa(code))
}
