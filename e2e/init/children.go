package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// children starts processes and reaps every process that ends, also those that lost their parents: process 1 has to.
type children struct {
	mutex sync.Mutex
	ended map[int]chan int // by process id, for those that somebody waits for
}

func reapChildren() *children {
	c := &children{ended: map[int]chan int{}}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			c.reap()
		}
	}()
	return c
}

func (c *children) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid == 0 {
			return
		}
		c.mutex.Lock()
		ended, awaited := c.ended[pid]
		delete(c.ended, pid)
		c.mutex.Unlock()
		if awaited {
			ended <- exitCode(status)
		}
	}
}

// start starts a process; the channel gives its exit code. The process is known before it can be reaped.
func (c *children) start(command []string, attributes *syscall.ProcAttr) (<-chan int, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	pid, err := syscall.ForkExec(command[0], command, attributes)
	if err != nil {
		return nil, err
	}
	ended := make(chan int, 1)
	c.ended[pid] = ended
	return ended, nil
}

// run starts a process and waits for its exit code.
func (c *children) run(command []string, attributes *syscall.ProcAttr) (int, error) {
	ended, err := c.start(command, attributes)
	if err != nil {
		return 0, err
	}
	return <-ended, nil
}

// exitCode is what a shell makes of a status.
func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
