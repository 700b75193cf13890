// Command pause does nothing until it is told to end: it keeps a pod's namespaces alive.
package main

import (
	"context"
	"os/signal"
	"syscall"
)

func main() {
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	<-ended.Done()
}
