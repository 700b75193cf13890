// Command archive writes an image of one static program to standard output, as an OCI image layout in a tar archive.
//
// usage: archive IMAGE PROGRAM
//
// https://github.com/opencontainers/image-spec says what stands in it.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path"
)

const (
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
)

type object = map[string]any

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: archive IMAGE PROGRAM")
	}
	image, program := os.Args[1], os.Args[2]
	content, err := os.ReadFile(program)
	if err != nil {
		log.Fatal(err)
	}
	if err := write(os.Stdout, image, path.Base(program), content); err != nil {
		log.Fatal(err)
	}
}

// blob is content that is named by its digest.
type blob struct {
	mediaType string
	content   []byte
}

func (b blob) digest() string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b.content)) }

func (b blob) descriptor() object {
	return object{"mediaType": b.mediaType, "digest": b.digest(), "size": len(b.content)}
}

func write(out io.Writer, image, program string, content []byte) error {
	var files bytes.Buffer
	layerArchive := tar.NewWriter(&files)
	if err := add(layerArchive, program, 0o755, content); err != nil {
		return err
	}
	if err := layerArchive.Close(); err != nil {
		return err
	}
	layer := blob{layerType, files.Bytes()}
	config := blob{configType, marshal(object{
		"architecture": "amd64",
		"os":           "linux",
		"config":       object{"Entrypoint": []string{"/" + program}},
		"rootfs":       object{"type": "layers", "diff_ids": []string{layer.digest()}},
	})}
	manifest := blob{manifestType, marshal(object{
		"schemaVersion": 2,
		"mediaType":     manifestType,
		"config":        config.descriptor(),
		"layers":        []object{layer.descriptor()},
	})}
	entry := manifest.descriptor()
	entry["annotations"] = object{"io.containerd.image.name": image, "org.opencontainers.image.ref.name": image}

	archive := tar.NewWriter(out)
	members := []struct {
		name    string
		content []byte
	}{
		{"oci-layout", marshal(object{"imageLayoutVersion": "1.0.0"})},
		{"index.json", marshal(object{"schemaVersion": 2, "manifests": []object{entry}})},
		{blobPath(layer), layer.content},
		{blobPath(config), config.content},
		{blobPath(manifest), manifest.content},
	}
	for _, member := range members {
		if err := add(archive, member.name, 0o644, member.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

func blobPath(b blob) string { return "blobs/sha256/" + b.digest()[len("sha256:"):] }

func add(archive *tar.Writer, name string, mode int64, content []byte) error {
	header := &tar.Header{Name: name, Mode: mode, Size: int64(len(content))}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := archive.Write(content)
	return err
}

// marshal cannot fail: it is only given strings, numbers, lists and objects.
func marshal(value object) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
