//! What a connection may keep waiting.
//!
//! Who sends too slowly is ended where the body is read (`extract/progress.rs`), and who falls silent
//! after a refusal in `discard.rs`. This is what the server itself is told.

use std::net::TcpListener;
use std::time::Duration;

use rustix::net::sockopt;

/// How long a client may take to send its request head.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a client may leave what it was sent unread, or its network may take nothing. Longer than
/// the gaps of a mobile network between two cells.
const UNREAD_TIMEOUT_MS: u32 = 20_000;

/// Lets the kernel end each connection of this listener whose client reads nothing
/// (`TCP_USER_TIMEOUT`, tcp(7), which accepted sockets inherit). actix-web waits for such a client for
/// ever.
pub(crate) fn end_unread(listener: &TcpListener) -> std::io::Result<()> {
    Ok(sockopt::set_tcp_user_timeout(listener, UNREAD_TIMEOUT_MS)?)
}
