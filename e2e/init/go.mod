module iptunnel.dev/e2e/init

go 1.26
