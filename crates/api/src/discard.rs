//! Reading what a refused client is still sending.
//!
//! A refusal often comes before the body: a limit, a wrong type, too many bytes. Closing
//! the connection then resets it, and a client that sends everything before it reads
//! never sees why. So the rest is thrown away, within bounds, after the refusal was sent: who
//! reads while it sends knows at once.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::{FutureExt, Stream, StreamExt};

/// Most bytes thrown away: three times the largest body that is accepted.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Longest a body is thrown away for.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Hands the body on, and throws away what a refusal left of it.
pub(crate) async fn discard_refused<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Refusal<B>>, Error> {
    let shared =
        Shared(Rc::new(RefCell::new(Inner { payload: request.take_payload(), ended: false })));
    request.set_payload(dev::Payload::Stream { payload: Box::pin(shared.clone()) });
    let response = next.call(request).await?;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    // A client that sends more than that, or for longer, gets a connection reset.
    let rest: Option<Rest> = refused
        .then(|| Box::pin(tokio::time::timeout(TIMEOUT, shared.throw_away()).map(drop)) as Rest);
    Ok(response.map_body(|_, answer| Refusal { answer: Box::pin(answer), rest }))
}

/// What throws the rest of a request away.
type Rest = Pin<Box<dyn Future<Output = ()>>>;

/// An answer that ends when the rest of its request has been thrown away. All of it is sent before.
pub(crate) struct Refusal<B> {
    answer: Pin<Box<B>>,
    rest: Option<Rest>,
}

impl<B: MessageBody> MessageBody for Refusal<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(part) = ready!(self.answer.as_mut().poll_next(cx)) {
            return Poll::Ready(Some(part));
        }
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(cx));
            self.rest = None;
        }
        Poll::Ready(None)
    }
}

/// A body with two readers, of which one begins when the other has stopped.
#[derive(Clone)]
struct Shared(Rc<RefCell<Inner>>);

struct Inner {
    payload: dev::Payload,
    ended: bool,
}

impl Shared {
    async fn throw_away(mut self) {
        let mut thrown = 0;
        while let Some(Ok(chunk)) = self.next().await {
            thrown += chunk.len();
            if thrown > MAX_BYTES {
                return;
            }
        }
    }
}

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.0.borrow_mut();
        if inner.ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut inner.payload).poll_next(cx);
        inner.ended = matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }
}
