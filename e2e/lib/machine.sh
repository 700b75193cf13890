# shellcheck shell=bash
# shellcheck disable=SC2154 # the files that are sourced before this one set the variables
# Boots an emulated machine with several processors: Debian's ordinary kernel under qemu, with the files of the host. It
# needs no hardware virtualisation, and is slow. Sourced after kernels.sh, which sets machine_kernel.

# machine_command FOLDER MEMORY PROCESSORS WORD...: replaces guest_command of uml.sh.
#
# The kernel has no built-in driver for a disk or a file system, so it starts from an archive with modules and init.
machine_command() {
  local folder=$1 memory=$2 processors=$3 words
  shift 3
  words="console=ttyS0 panic=-1 quiet rdinit=/init host=9p folder=$folder module_folder=$machine_kernel/modules $*"
  check_words "$folder" "$@"
  {
    cat "$machine_kernel/start.cpio"
    cd "$INIT_BIN" && echo init | cpio --quiet -o -H newc
  } >"$folder/initramfs"
  # shellcheck disable=SC2034,SC2054 # for the caller; the commas are qemu's
  guest_command=(
    setpriv --pdeathsig KILL qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp "$processors" -m "$memory"
    -nodefaults -no-user-config -no-reboot -display none -serial stdio
    -kernel "$machine_kernel/vmlinuz" -initrd "$folder/initramfs" -append "$words"
    -fsdev "local,id=host,path=/,security_model=passthrough,multidevs=remap,readonly=on"
    -device virtio-9p-pci,fsdev=host,mount_tag=host
    -fsdev "local,id=writable,path=/,security_model=passthrough,multidevs=remap"
    -device virtio-9p-pci,fsdev=writable,mount_tag=writable
  )
}
