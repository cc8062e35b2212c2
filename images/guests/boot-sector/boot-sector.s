# A guest in 512 bytes: prints a line on the first serial port and halts. It costs nothing to boot, so that what a
# measurement shows is our own time. GNU as, 16-bit real mode, loaded by the BIOS at 0x7c00.
        .code16
        .globl  _start
_start: cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    $message, %si
        cld
next:   lodsb
        testb   %al, %al
        jz      halt
        movb    %al, %ah
        movw    $0x3fd, %dx             # line status: wait until the transmitter is empty
wait:   inb     %dx, %al
        testb   $0x20, %al
        jz      wait
        movw    $0x3f8, %dx
        movb    %ah, %al
        outb    %al, %dx
        jmp     next
halt:   sti                             # an interrupt (or ACPI event) wakes it, and it sleeps again
        hlt
        jmp     halt
message:
        .asciz  "guest ready: boot sector\r\n"
        .org    510
        .word   0xaa55
