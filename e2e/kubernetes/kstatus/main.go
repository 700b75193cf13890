// Command kstatus reads objects from standard input, as YAML or JSON documents, and prints a line for each: the status
// that kstatus computes of it, as Flux and others do, and its message.
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const bufferSize = 4096

func main() {
	documents := yaml.NewYAMLOrJSONDecoder(os.Stdin, bufferSize)
	for {
		var object unstructured.Unstructured
		err := documents.Decode(&object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		result, err := status.Compute(&object)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %s\n", result.Status, result.Message)
	}
}
