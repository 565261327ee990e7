//! How long authorization codes and logins in a browser last.

use chrono::TimeDelta;

/// How long a code can be redeemed. A client does it at once; a minute leaves room for a slow
/// network (RFC 6749, 4.1.2 allows ten minutes at most).
pub const CODE_TTL: TimeDelta = TimeDelta::seconds(60);

/// How long a browser stays signed in here, whatever it does: a working day. It is below the 24
/// hours of NIST SP 800-63B-4, 2.2.3, for AAL2.
pub const LOGIN_SESSION_TTL: TimeDelta = TimeDelta::hours(12);
