//! Payloads in pieces: written while they arrive, read while they are sent. A piece at a time is in memory.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::PathBuf,
    sync::Arc,
};

use async_trait::async_trait;
use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use flero_store::{
    Error, Result,
    blobs::{BlobReader, BlobRef, BlobWriter},
};

use super::FileBlobs;
use crate::error::file_error;

/// How much is gathered before it goes to the disk, and how much is read at once, in bytes.
const PIECE: usize = 256 << 10;

/// A payload that is being written under another name.
pub(super) struct Writing {
    blobs: FileBlobs,
    unfinished: Unfinished,
    /// The file and the hash of what is in it; away while a piece is written.
    open: Option<(File, digest::Context)>,
    gathered: Vec<u8>,
}

/// A file that goes away unless it got its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the end there is none of that name; what cannot be removed now is removed by a sweep.
        let _ = fs::remove_file(&self.0);
    }
}

fn broken() -> Error {
    Error::Unavailable { kind: "an earlier piece of the payload could not be written".into() }
}

impl Writing {
    pub(super) async fn begin(blobs: &FileBlobs) -> Result<Self> {
        let path = blobs.unfinished();
        let file = blobs
            .off_thread({
                let path = path.clone();
                move |_| {
                    let mut options = OpenOptions::new();
                    options.write(true).create(true).truncate(true).mode(0o600);
                    options.open(path).map_err(|error| file_error(&error))
                }
            })
            .await?;
        Ok(Self {
            blobs: blobs.clone(),
            unfinished: Unfinished(path),
            open: Some((file, digest::Context::new(&digest::SHA256))),
            gathered: Vec::new(),
        })
    }

    async fn flush(&mut self) -> Result<()> {
        let (mut file, mut hash) = self.open.take().ok_or_else(broken)?;
        let mut piece = std::mem::take(&mut self.gathered);
        let work = move |_: &FileBlobs| {
            file.write_all(&piece).map_err(|error| file_error(&error))?;
            hash.update(&piece);
            piece.clear();
            Ok((file, hash, piece))
        };
        let (file, hash, piece) = self.blobs.off_thread(work).await?;
        (self.open, self.gathered) = (Some((file, hash)), piece);
        Ok(())
    }
}

#[async_trait]
impl BlobWriter for Writing {
    async fn write(&mut self, piece: &[u8]) -> Result<()> {
        for part in piece.chunks(PIECE) {
            if self.gathered.len() + part.len() > PIECE {
                self.flush().await?;
            }
            self.gathered.extend_from_slice(part);
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<BlobRef> {
        self.flush().await?;
        let Self { blobs, unfinished, open, .. } = *self;
        let (file, hash) = open.ok_or_else(broken)?;
        let name = BlobRef(HEXLOWER.encode(hash.finish().as_ref()));
        blobs
            .off_thread(move |blobs| {
                if !blobs.is_kept_already(&name)? {
                    blobs.end(&file).map_err(|error| file_error(&error))?;
                    blobs.give_name(&unfinished.0, &name)?;
                }
                Ok(name)
            })
            .await
    }
}

/// An open payload. What it reads stays the same although the payload may be swept meanwhile.
pub(super) struct Reading {
    blobs: FileBlobs,
    name: BlobRef,
    file: Arc<File>,
    length: u64,
}

impl Reading {
    pub(super) async fn open(blobs: &FileBlobs, name: &BlobRef) -> Result<Self> {
        let path = blobs.file(name).ok_or(Error::NotFound)?;
        let opened = blobs.off_thread(move |_| {
            let file = File::open(path).map_err(|error| file_error(&error))?;
            let length = file.metadata().map_err(|error| file_error(&error))?.len();
            Ok((file, length))
        });
        let (file, length) = opened.await?;
        Ok(Self { blobs: blobs.clone(), name: name.clone(), file: Arc::new(file), length })
    }
}

#[async_trait]
impl BlobReader for Reading {
    fn length(&self) -> u64 {
        self.length
    }

    async fn read_at(&self, offset: u64, most: usize) -> Result<Vec<u8>> {
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (file, most) = (Arc::clone(&self.file), most.min(left).min(PIECE));
        self.blobs
            .off_thread(move |_| {
                let mut piece = vec![0; most];
                file.read_exact_at(&mut piece, offset).map_err(|error| file_error(&error))?;
                Ok(piece)
            })
            .await
    }

    async fn check(&self) -> Result<()> {
        let (file, length, name) = (Arc::clone(&self.file), self.length, self.name.clone());
        self.blobs
            .off_thread(move |_| {
                let mut hash = digest::Context::new(&digest::SHA256);
                let (mut piece, mut offset) = (vec![0; PIECE], 0);
                while offset < length {
                    let read = file.read_at(&mut piece, offset).map_err(|error| file_error(&error))?;
                    if read == 0 {
                        break;
                    }
                    hash.update(&piece[..read]);
                    offset += read as u64;
                }
                let found = HEXLOWER.encode(hash.finish().as_ref());
                if found == name.0 { Ok(()) } else { Err(Error::Corrupt { what: "a payload" }) }
            })
            .await
    }
}
