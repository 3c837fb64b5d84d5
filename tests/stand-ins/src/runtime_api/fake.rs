//! A function for tests, which takes events and streams what it is told to, by hand over a socket.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// Sends a request as it stands, and returns the whole answer.
pub(crate) async fn send(api: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(api).await.expect("a connection");
    stream.write_all(request).await.expect("a written request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Takes the next event and returns its request ID and the whole answer.
pub(crate) async fn take(api: SocketAddr) -> (String, String) {
    let answer = send(api, NEXT.as_bytes()).await;
    let id = answer.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).expect("an ID");
    (id.to_owned(), answer)
}

/// A streamed response that is being posted; dropping it breaks it off.
pub(crate) struct Post(TcpStream);

impl Post {
    /// Sends the head of the request, and nothing of the body.
    pub(crate) async fn begin(api: SocketAddr, request_id: &str, content_type: &str) -> Self {
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             lambda-runtime-function-response-mode: streaming\r\ncontent-type: {content_type}\r\n\
             transfer-encoding: chunked\r\ntrailer: lambda-runtime-function-error-type\r\n\r\n"
        );
        let mut stream = TcpStream::connect(api).await.expect("a connection");
        stream.set_nodelay(true).expect("an open connection");
        stream.write_all(head.as_bytes()).await.expect("a written head");
        Self(stream)
    }

    /// Sends one chunk, which fails once the other side has closed the connection.
    pub(crate) async fn chunk(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        let bytes = bytes.as_ref();
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.0.write_all(&chunk).await
    }

    /// Ends the body, with trailers of which each ends its line, and returns the whole answer.
    pub(crate) async fn end(mut self, trailers: &str) -> String {
        self.0.write_all(format!("0\r\n{trailers}\r\n").as_bytes()).await.expect("a written end");
        self.answer().await
    }

    /// Waits until the other side closes the connection, and returns what it has said until then.
    pub(crate) async fn answer(mut self) -> String {
        let mut answer = Vec::new();
        // A connection that is reset has been closed too.
        let _ = self.0.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}
