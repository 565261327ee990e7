//! What a client is still sending when it has been answered.
//!
//! An answer often comes before the body: a limit, a wrong type, too many bytes. Closing the
//! connection then resets it, and a client that sends everything before it reads never sees why.
//! actix-http therefore reads on for [`LINGER`] after such an answer, throws away what comes, and
//! closes.
//!
//! It does so only while somebody holds the body. A body in chunks that nobody holds any more is read
//! for as long as it takes, and a client that falls silent would keep its connection for ever. So the
//! answer holds the body until it has been sent.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::Stream;

/// How long a body is thrown away for: as long as most people take to show a capture, which is sent
/// meanwhile.
pub(crate) const LINGER: Duration = Duration::from_secs(10);

/// Hands the body on, and holds it until the answer has been sent. Wraps all that changes the answer.
pub(crate) async fn hold_body<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Held<B>>, Error> {
    let body = Shared(Rc::new(RefCell::new(request.take_payload())));
    request.set_payload(dev::Payload::Stream { payload: Box::pin(body.clone()) });
    let response = next.call(request).await?;
    Ok(response.map_body(|_, answer| Held { answer: Box::pin(answer), _body: body }))
}

/// An answer that holds the body of its request.
pub(crate) struct Held<B> {
    answer: Pin<Box<B>>,
    _body: Shared,
}

impl<B: MessageBody> MessageBody for Held<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.answer.as_mut().poll_next(cx)
    }
}

/// A body that two hold.
#[derive(Clone)]
struct Shared(Rc<RefCell<dev::Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}
