// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"io"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Guests of one boot sector: real mode code at 0x7c00 that follows a common beginning, which prints
// the banner to the serial port. Ports are q35's: 0x600 power management, 0xcf9 reset, 0x505 pvpanic.
var (
	// deaf sleeps; the power button means nothing to it.
	deaf = []byte{
		0xf4,       // hlt
		0xeb, 0xfd, // jmp -3
	}
	// ticking prints a t at each tick of the timer.
	ticking = []byte{
		0xba, 0xf8, 0x03, // mov dx, 0x3f8
		0xfb,       // wait: sti
		0xf4,       // hlt
		0xb0, 0x74, // mov al, 't'
		0xee,       // out dx, al
		0xeb, 0xfa, // jmp wait
	}
	// yielding lets go of each device that is to be unplugged: it ejects what the DOWN register of ACPI's PCI hot-plug
	// (0xcc4) has, of all buses, which 0xcd0 selects, at each tick of the timer.
	yielding = []byte{
		0x66, 0x31, 0xdb, // xor ebx, ebx
		0xba, 0xd0, 0x0c, // bus: mov dx, 0xcd0
		0x66, 0x89, 0xd8, // mov eax, ebx
		0x66, 0xef, // out dx, eax
		0xba, 0xc4, 0x0c, // mov dx, 0xcc4
		0x66, 0xed, // in eax, dx
		0x66, 0x85, 0xc0, // test eax, eax
		0x74, 0x05, // jz next
		0xba, 0xc8, 0x0c, // mov dx, 0xcc8
		0x66, 0xef, // out dx, eax
		0x43,             // next: inc bx
		0x83, 0xe3, 0x7f, // and bx, 0x7f
		0x75, 0xe3, // jnz bus
		0xfb,       // sti
		0xf4,       // hlt, until the next timer tick
		0xeb, 0xdf, // jmp bus
	}
	// saying prints an r behind the banner.
	saying = []byte{
		0xba, 0xf8, 0x03, // mov dx, 0x3f8
		0xb0, 0x72, // mov al, 'r'
		0xee,       // out dx, al
		0xf4,       // hlt
		0xeb, 0xfd, // jmp -3
	}
	// writing counts the ticks of the timer in its second sector, and prints a t for each that is written.
	writing = []byte{
		0x31, 0xc0, // xor ax, ax
		0x8e, 0xc0, // mov es, ax
		0xa3, 0x00, 0x06, // mov [0x600], ax
		0xfb,                   // wait: sti
		0xf4,                   // hlt
		0xff, 0x06, 0x00, 0x06, // inc word [0x600]
		0xb8, 0x01, 0x03, // mov ax, 0x301: write one sector
		0xbb, 0x00, 0x06, // mov bx, 0x600
		0xb9, 0x02, 0x00, // mov cx, 2
		0xba, 0x80, 0x00, // mov dx, 0x80
		0xcd, 0x13, // int 0x13
		0x72, 0xea, // jc wait
		0xba, 0xf8, 0x03, // mov dx, 0x3f8
		0xb0, 0x74, // mov al, 't'
		0xee,       // out dx, al
		0xeb, 0xe2, // jmp wait
	}
	// leaving powers off: SLP_EN with S5 into PM1_CNT.
	leaving = []byte{
		0xba, 0x04, 0x06, // mov dx, 0x604
		0xb8, 0x00, 0x20, // mov ax, 0x2000
		0xef,       // out dx, ax
		0xf4,       // hlt
		0xeb, 0xfd, // jmp -3
	}
	// obedient powers off when PM1_STS shows the power button, which it enables first.
	obedient = []byte{
		0xba, 0x02, 0x06, // mov dx, 0x602
		0xb8, 0x00, 0x01, // mov ax, 0x100
		0xef,             // out dx, ax
		0xba, 0x00, 0x06, // mov dx, 0x600
		0xfb,             // wait: sti
		0xf4,             // hlt, until the next timer tick
		0xed,             // in ax, dx
		0xf6, 0xc4, 0x01, // test ah, 1
		0x74, 0xf8, // jz wait
		0xba, 0x04, 0x06, // and on as leaving does
		0xb8, 0x00, 0x20,
		0xef,
		0xf4,
		0xeb, 0xfd,
	}
	// resetting resets itself for ever.
	resetting = []byte{
		0xba, 0xf9, 0x0c, // mov dx, 0xcf9
		0xb0, 0x06, // mov al, 6
		0xee,       // out dx, al
		0xf4,       // hlt
		0xeb, 0xfd, // jmp -3
	}
	// panicking tells pvpanic so.
	panicking = []byte{
		0xba, 0x05, 0x05, // mov dx, 0x505
		0xb0, 0x01, // mov al, 1
		0xee,       // out dx, al
		0xf4,       // hlt
		0xeb, 0xfd, // jmp -3
	}
)

const banner = "boot sector at work\r\n"

// bootSector is a raw disk that prints the banner and runs code.
func bootSector(code []byte) driver.Image {
	start := []byte{
		0xfc,       // cld
		0x31, 0xc0, // xor ax, ax
		0x8e, 0xd8, // mov ds, ax
		0xbe, 0, 0, // mov si, banner
		0xac,       // next: lodsb
		0x84, 0xc0, // test al, al
		0x74, 0x06, // jz code
		0xba, 0xf8, 0x03, // mov dx, 0x3f8
		0xee,       // out dx, al
		0xeb, 0xf5, // jmp next
	}
	at := 0x7c00 + len(start) + len(code)
	start[6], start[7] = byte(at), byte(at>>8)
	disk := make([]byte, 1<<20)
	copy(disk, bytes.Join([][]byte{start, code, []byte(banner + "\x00")}, nil))
	disk[510], disk[511] = 0x55, 0xaa
	return image("raw", disk)
}

func image(format string, content []byte) driver.Image {
	sum := sha512.Sum512(content)
	return driver.Image{
		ID: uuid.NewString(), Format: format, Checksum: "sha512:" + hex.EncodeToString(sum[:]), Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}
