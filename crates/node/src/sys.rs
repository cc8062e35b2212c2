//! The few calls that have no safe wrapper: TAP devices, socket options, and tokio's registration of a descriptor.
#![allow(unsafe_code)]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Makes a persistent TAP device in the network namespace of the calling thread, or finds the one of that name, and gives
/// it to a user and group, who may then attach to it without any capability.
pub(crate) fn make_tap(name: &str, multi_queue: bool, uid: u32, gid: u32) -> io::Result<()> {
    let tun = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/net/tun")?;
    let mut flags = libc::IFF_TAP | libc::IFF_NO_PI | libc::IFF_VNET_HDR;
    if multi_queue {
        flags |= libc::IFF_MULTI_QUEUE;
    }
    attach(&tun, name, flags)?;
    set(&tun, libc::TUNSETOWNER, uid)?;
    set(&tun, libc::TUNSETGROUP, gid)?;
    set(&tun, libc::TUNSETPERSIST, 1)
}

fn attach(tun: &File, name: &str, flags: libc::c_int) -> io::Result<()> {
    if name.is_empty() || name.len() >= libc::IFNAMSIZ || name.contains('\0') {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{name:?} is not a network device's name"),
        ));
    }
    // SAFETY: ifreq is plain old data, for which all zeros is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = flags as libc::c_short;
    // SAFETY: the descriptor is open; TUNSETIFF reads and writes one ifreq, to which the pointer is valid and exclusive.
    let answer = unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETIFF, &raw mut request) };
    check(answer)
}

fn set(tun: &File, request: libc::Ioctl, value: u32) -> io::Result<()> {
    // SAFETY: the descriptor is open; these requests take their argument by value and touch no memory of ours.
    let answer = unsafe { libc::ioctl(tun.as_raw_fd(), request, libc::c_ulong::from(value)) };
    check(answer)
}

/// Makes the kernel send UDP packets of this socket with the checksum field 0 ("none"). Otherwise it leaves a partial sum to
/// the device's off-loading, and clients in a guest that look at raw packets (udhcpc, old dhclient) take it for a wrong one.
pub(crate) fn send_without_checksum(socket: impl AsFd) -> io::Result<()> {
    let one: libc::c_int = 1;
    set_option(socket, libc::SO_NO_CHECK, &one.to_ne_bytes())
}

/// Lets a socket receive from and send through one network device only.
pub(crate) fn bind_to_device(socket: impl AsFd, device: &str) -> io::Result<()> {
    set_option(socket, libc::SO_BINDTODEVICE, device.as_bytes())
}

/// Lets tokio tell when a descriptor is readable.
pub(crate) fn watch_readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd always names the same open file, and it is closed only when the AsyncFd, which owns it and
    // deregisters it first, is dropped.
    unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(io::Error::from)
}

fn set_option(socket: impl AsFd, name: libc::c_int, value: &[u8]) -> io::Result<()> {
    let length = libc::socklen_t::try_from(value.len())
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    // SAFETY: the descriptor is open; the kernel reads `length` bytes from the pointer, which are there.
    let answer = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            value.as_ptr().cast(),
            length,
        )
    };
    check(answer)
}

fn check(answer: libc::c_int) -> io::Result<()> {
    if answer < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
