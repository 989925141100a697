//! A stream that ends with an error after so many bytes, so that no answer fills the memory.

use std::{
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::Kind;

/// What is read through it is counted.
pub(crate) struct Limited<S> {
    stream: S,
    left: usize,
}

/// What the error is made of, to be found again behind a library's error.
#[derive(Debug)]
struct LimitReached;

impl fmt::Display for LimitReached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the answer is larger than allowed")
    }
}

impl std::error::Error for LimitReached {}

impl<S> fmt::Debug for Limited<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Limited(..)")
    }
}

/// What an error of a connection means; `too_large` where the limit ended it.
pub(crate) fn io_kind(error: &io::Error, too_large: Kind) -> Kind {
    let is = |wanted: fn(&(dyn std::error::Error + 'static)) -> bool| {
        error.get_ref().is_some_and(|inner| wanted(inner) || inner.source().is_some_and(wanted))
    };
    if is(|inner| inner.is::<LimitReached>()) {
        too_large
    } else if is(|inner| inner.is::<rustls::Error>()) {
        Kind::Tls
    } else {
        Kind::ConnectionClosed
    }
}

impl<S> Limited<S> {
    pub(crate) const fn new(stream: S, limit: usize) -> Self {
        Self { stream, left: limit }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Limited<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        match self.left.checked_sub(read) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::Error::other(LimitReached))),
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Limited<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
