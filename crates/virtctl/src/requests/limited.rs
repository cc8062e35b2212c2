//! The body of an answer that must end in time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Sleep;
use tower::BoxError;

/// A body as kube's client gives it.
pub(crate) type DynBody = dyn Body<Data = Bytes, Error = BoxError> + Send + Unpin;

/// A body, and for how long it may still come.
pub(crate) struct Limited {
    body: Box<DynBody>,
    end: Option<(Pin<Box<Sleep>>, String)>,
}

impl Limited {
    /// `left`: the time that is left, and the error when it is over.
    pub(crate) fn new(body: Box<DynBody>, left: Option<(Duration, String)>) -> Self {
        let end = left.map(|(time, error)| (Box::pin(tokio::time::sleep(time)), error));
        Self { body, end }
    }
}

impl Body for Limited {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some((end, error)) = &mut self.end
            && end.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(std::mem::take(error).into())));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
