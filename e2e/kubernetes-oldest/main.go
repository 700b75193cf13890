// Command kube holds the API server and etcd of the oldest Kubernetes that the operator runs on, for e2e/test --kubernetes.
// The name that it is called by (a symbolic link) says which of them it is.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	default:
		fmt.Fprintf(os.Stderr, "%s: call this binary through a link named etcd or kube-apiserver\n", name)
		os.Exit(2)
	}
}
